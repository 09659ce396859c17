import { expect, it } from "vitest";
import { CACHE_SHARE, cacheLimit } from "../cache-limit.ts";

const GIB = 2 ** 30;
const disk = (sizes: { total: number; free: number; available: number }) => ({
  bsize: 4096,
  blocks: (sizes.total * GIB) / 4096,
  bfree: (sizes.free * GIB) / 4096,
  bavail: (sizes.available * GIB) / 4096,
});

it("is a share of the whole disk where nothing is reserved", () => {
  expect(cacheLimit(disk({ total: 100, free: 80, available: 80 }))).toBe(100 * CACHE_SHARE * GIB);
});

it("leaves out what the file system reserves, however full the disk is", () => {
  const limit = 40 * CACHE_SHARE * GIB;
  expect(cacheLimit(disk({ total: 100, free: 80, available: 20 }))).toBe(limit);
  expect(cacheLimit(disk({ total: 100, free: 61, available: 1 }))).toBe(limit);
});
