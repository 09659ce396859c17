/** Control groups, version 1 (one hierarchy for each controller) and version 2 (one for all). */
import { existsSync, readFileSync } from "node:fs";
import { CGROUP_MOUNT, cgroupVersion } from "../../shared/cgroup-version.ts";
import { CheckError } from "../../shared/check-error.ts";

/** What the kernel counted for one container. */
export interface CgroupCounters {
  /** Undefined where the kernel does not keep it: version 2 before Linux 5.19. */
  memoryPeakBytes: number | undefined;
  memoryNowBytes: number;
  memoryLimitBytes: number;
  /** Limit of memory and swap together; undefined where the kernel has none. */
  memoryAndSwapLimitBytes: number | undefined;
  oomKills: number;
  pidsCurrent: number;
  pidsLimit: number;
  /** How often the pids limit refused a process. */
  pidsRefused: number;
}

/** Directories of one container's control group, by controller. */
export type CgroupPlace = Readonly<Record<"memory" | "pids", string>>;

/**
 * Finds the control group of a running process. It is asked, not computed: inside another container the group
 * lies below that container's own.
 */
export function locateCgroup(pid: number | "self"): CgroupPlace {
  const own = parseOwnGroups(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
  const mounts = parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
  const place = (controller: string): string => {
    const key = cgroupVersion() === 2 ? "" : controller;
    const mount = mounts.get(key);
    const path = own.get(key) ?? "/";
    if (!mount) throw new CheckError("MS-CHECK-041", `there are no groups for ${controller}`);
    const below = mount.root !== "/" && path.startsWith(mount.root) ? path.slice(mount.root.length) : path;
    return `${mount.point}${below}`;
  };
  return { memory: place("memory"), pids: place("pids") };
}

/** `/proc/PID/cgroup`: path by controller; version 2 has the empty name. */
export function parseOwnGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split("\n").filter(Boolean)) {
    const [, names = "", path = "/"] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const name of names.split(",")) groups.set(name, path);
  }
  return groups;
}

/** `/proc/self/mountinfo`: where each hierarchy is mounted, and which part of it. */
export function parseMounts(text: string): Map<string, { root: string; point: string }> {
  const mounts = new Map<string, { root: string; point: string }>();
  for (const line of text.split("\n").filter(Boolean)) {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , root = "/", point = ""] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if (type === "cgroup2") mounts.set("", { root, point });
    if (type === "cgroup") for (const name of options.split(",")) mounts.set(name, { root, point });
  }
  return mounts;
}

/** Whether the kernel can limit the swap of a container; `group` is a group that has limits, below the hierarchy. */
export function limitsSwap(group: string): boolean {
  return cgroupVersion() === 2
    ? existsSync(`${CGROUP_MOUNT}${group}/memory.swap.max`)
    : existsSync(`${locateCgroup("self").memory}/memory.memsw.limit_in_bytes`);
}

/** Reads the counters of a container. */
export function readCounters(place: CgroupPlace, version = cgroupVersion()): CgroupCounters {
  const memory = (name: string) => `${place.memory}/memory.${name}`;
  const pids = (name: string) => `${place.pids}/pids.${name}`;
  const common = {
    pidsCurrent: readNumber(pids("current")),
    pidsLimit: readNumber(pids("max")),
    pidsRefused: readField(pids("events"), "max"),
  };
  if (version === 2) {
    const limit = readNumber(memory("max"));
    const swapLimit = tryReadNumber(memory("swap.max"));
    return {
      ...common,
      memoryPeakBytes: tryReadNumber(memory("peak")),
      memoryNowBytes: readNumber(memory("current")),
      memoryLimitBytes: limit,
      memoryAndSwapLimitBytes: swapLimit === undefined ? undefined : limit + swapLimit,
      oomKills: readField(memory("events"), "oom_kill"),
    };
  }
  return {
    ...common,
    memoryPeakBytes: readNumber(memory("max_usage_in_bytes")),
    memoryNowBytes: readNumber(memory("usage_in_bytes")),
    memoryLimitBytes: readNumber(memory("limit_in_bytes")),
    memoryAndSwapLimitBytes: tryReadNumber(memory("memsw.limit_in_bytes")),
    oomKills: readField(memory("oom_control"), "oom_kill"),
  };
}

function readNumber(file: string): number {
  const text = readFileSync(file, "utf8").trim();
  return text === "max" ? Number.POSITIVE_INFINITY : Number(text);
}

/** Undefined when this kernel has no such file. */
function tryReadNumber(file: string): number | undefined {
  return existsSync(file) ? readNumber(file) : undefined;
}

function readField(file: string, name: string): number {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.split(" ")[1] ?? Number.NaN);
}
