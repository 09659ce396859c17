import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withLock } from "../lock.ts";

it("lets one in at a time, and frees the lock when the body fails", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  const file = join(folder, "sub", "lock");
  let inside = 0;
  const visit = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
    throw new Error("left");
  };
  const results = await Promise.allSettled([1, 2, 3].map(() => withLock(file, visit)));
  expect(results.map((result) => result.status === "rejected" && result.reason.message)).toEqual([
    "left",
    "left",
    "left",
  ]);
  rmSync(folder, { recursive: true });
});
