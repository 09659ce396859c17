/** The kernel's files of a control group, as both versions write them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { readCounters } from "../harness/cgroup.ts";
import { expectSwapLimit } from "../harness/swap.ts";

const PIDS = { "pids.current": "3\n", "pids.max": "max\n", "pids.events": "max 7\n" };
const VERSION_1 = {
  ...PIDS,
  "memory.max_usage_in_bytes": "1000\n",
  "memory.usage_in_bytes": "900\n",
  "memory.limit_in_bytes": "4096\n",
  "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
};
const VERSION_2 = {
  ...PIDS,
  "memory.current": "900\n",
  "memory.max": "4096\n",
  "memory.events": "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n",
};
const SWAPS = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

function counters(version: 1 | 2, files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(`${tmpdir()}/ms-group-`);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory}/${name}`, text);
  return readCounters({ memory: directory, pids: directory }, version);
}

describe.each([
  [1, VERSION_1],
  [2, VERSION_2],
] as const)("a group of version %i", (version, files) => {
  it("tells its limits, and what came of them", () => {
    expect(counters(version, files)).toMatchObject({
      memoryNowBytes: 900,
      memoryLimitBytes: 4096,
      oomKills: 2,
      pidsLimit: Number.POSITIVE_INFINITY,
      pidsRefused: 7,
    });
  });

  it("has no limit of swap where the kernel does not count it", () => {
    expect(counters(version, files).memoryAndSwapLimitBytes).toBeUndefined();
  });
});

describe("memory and swap together", () => {
  it("are one number under version 1", () => {
    const files = { ...VERSION_1, "memory.memsw.limit_in_bytes": "4096\n" };
    expect(counters(1, files).memoryAndSwapLimitBytes).toBe(4096);
  });

  it("are two numbers under version 2", () => {
    expect(counters(2, { ...VERSION_2, "memory.swap.max": "0\n" }).memoryAndSwapLimitBytes).toBe(4096);
    const unlimited = counters(2, { ...VERSION_2, "memory.swap.max": "max\n" });
    expect(unlimited.memoryAndSwapLimitBytes).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the most that was used", () => {
  it("is known of version 1 and of newer kernels", () => {
    expect(counters(1, VERSION_1).memoryPeakBytes).toBe(1000);
    expect(counters(2, { ...VERSION_2, "memory.peak": "1000\n" }).memoryPeakBytes).toBe(1000);
    expect(counters(2, VERSION_2).memoryPeakBytes).toBeUndefined();
  });
});

describe("a machine with swap", () => {
  const none = { memoryAndSwapLimitBytes: undefined };
  const area = `${SWAPS}/dev/vdc                                partition\t2097148\t\t0\t\t-2\n`;

  it("is refused when its kernel cannot limit it", () => {
    expect(() => expectSwapLimit("gateway", none, area)).toThrow(/MS-CHECK-044 gateway .*\/dev\/vdc/);
  });

  it("is accepted when it can, and so is a machine without swap", () => {
    expect(() => expectSwapLimit("gateway", { memoryAndSwapLimitBytes: 1 }, area)).not.toThrow();
    expect(() => expectSwapLimit("gateway", none, SWAPS)).not.toThrow();
  });
});
