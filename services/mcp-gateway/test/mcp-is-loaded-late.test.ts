// What is loaded when the start is over must not be loaded when the end has come first.
import { afterEach, expect, it, vi } from "vitest";
import { createLazyMcp } from "../src/transports/lazy.ts";
import type { McpParts } from "../src/transports/mcp.ts";

const NOT_USED_BEFORE_A_REQUEST = {} as McpParts;

afterEach(() => vi.useRealTimers());

it("a gateway that is closed during its start loads nothing more", async () => {
  vi.useFakeTimers();
  const mcp = createLazyMcp(NOT_USED_BEFORE_A_REQUEST);
  expect(vi.getTimerCount()).toBe(1);
  await mcp.close();
  expect(vi.getTimerCount()).toBe(0);
});
