import { expect, test } from "vitest";
import { engineConfig } from "../engine-container.ts";

test("the engine takes public images from our registry, and keeps its cache on a disk that others fill", () => {
  const config = JSON.parse(engineConfig("localhost:5000"));
  expect(config.registries["docker.io"].mirrors).toEqual(["localhost:5000"]);
  expect(config.registries["localhost:5000"].http).toBe(true);
  // A share of the disk would count what others have on it.
  expect(config.gc.minFreeSpace).toMatch(/^\d+GB$/);
});
