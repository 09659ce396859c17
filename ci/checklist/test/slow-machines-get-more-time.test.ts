import { afterEach, expect, it, vi } from "vitest";
import { readSlowness, slowed } from "../harness/slowness.ts";

afterEach(() => vi.unstubAllEnvs());

it("a machine as usual says nothing", () => {
  vi.stubEnv("CHECKLIST_SLOWNESS", "");
  expect(slowed(10_000)).toBe(10_000);
});

it("every time gets longer by the same factor", () => {
  vi.stubEnv("CHECKLIST_SLOWNESS", "2.5");
  expect([slowed(10_000), slowed(4)]).toEqual([25_000, 10]);
});

it.each(["0", "0.5", "21", "-3", "ten", "NaN", "Infinity"])("%s is no slowness", (text) => {
  expect(readSlowness(text)).toBeUndefined();
});
