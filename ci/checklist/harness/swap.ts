/** Swap of the machine: a container that gets some does not end at its memory limit. */
import { readFileSync } from "node:fs";
import { CheckError } from "../../shared/check-error.ts";
import type { CgroupCounters } from "./cgroup.ts";

/**
 * Makes sure that a memory limit can hold.
 *
 * @param swaps content of /proc/swaps, a header and one line for each swap area
 * @throws MS-CHECK-044 when swap is on and the kernel cannot limit it for a container
 */
export function expectSwapLimit(
  container: string,
  counters: Pick<CgroupCounters, "memoryAndSwapLimitBytes">,
  swaps: string = readFileSync("/proc/swaps", "utf8"),
): void {
  const [, first] = swaps.trim().split("\n");
  if (first === undefined || counters.memoryAndSwapLimitBytes !== undefined) return;
  const area = first.split(/\s/)[0];
  throw new CheckError("MS-CHECK-044", `${container} may use swap (${area}), which this kernel cannot limit`);
}
