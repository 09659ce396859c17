/** Control groups, version 1 (one hierarchy for each controller) and version 2 (one for all). */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";

const MOUNT = "/sys/fs/cgroup";
const CONTROLLERS = ["memory", "cpu", "pids"] as const;

/** Parent of the control groups of one run. */
export const CGROUP_PARENT = "/mistersmith-checklist";

/** What the kernel counted for one container. */
export interface CgroupCounters {
  memoryPeakBytes: number;
  memoryNowBytes: number;
  memoryLimitBytes: number;
  oomKills: number;
  pidsCurrent: number;
  pidsLimit: number;
  /** How often the pids limit refused a process. */
  pidsRefused: number;
}

/** Which version the machine has. */
export function cgroupVersion(): 1 | 2 {
  return existsSync(`${MOUNT}/cgroup.controllers`) ? 2 : 1;
}

/**
 * Makes it possible to create control groups with limits below the one that this process is in. Version 2
 * forbids processes in a group that hands controllers down, so every process of the root moves to a leaf.
 */
export function prepareCgroup(): void {
  if (cgroupVersion() === 1) return;
  const leaf = `${MOUNT}/checklist-runner`;
  mkdirSync(leaf, { recursive: true });
  for (const pid of readFileSync(`${MOUNT}/cgroup.procs`, "utf8").split("\n").filter(Boolean)) {
    try {
      writeFileSync(`${leaf}/cgroup.procs`, pid);
    } catch {
      // The process ended in between, or it belongs to the kernel.
    }
  }
  enableControllers(MOUNT);
  mkdirSync(`${MOUNT}${CGROUP_PARENT}`, { recursive: true });
  enableControllers(`${MOUNT}${CGROUP_PARENT}`);
}

function enableControllers(group: string): void {
  writeFileSync(`${group}/cgroup.subtree_control`, CONTROLLERS.map((name) => `+${name}`).join(" "));
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
    if (!mount) throw new Error(`no control group hierarchy for ${controller}`);
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

/** Reads the counters of a container. */
export function readCounters(place: CgroupPlace): CgroupCounters {
  const memory = (name: string) => `${place.memory}/memory.${name}`;
  const pids = (name: string) => `${place.pids}/pids.${name}`;
  const common = {
    pidsCurrent: readNumber(pids("current")),
    pidsLimit: readNumber(pids("max")),
    pidsRefused: readField(pids("events"), "max"),
  };
  if (cgroupVersion() === 2)
    return {
      ...common,
      memoryPeakBytes: readNumber(existsSync(memory("peak")) ? memory("peak") : memory("current")),
      memoryNowBytes: readNumber(memory("current")),
      memoryLimitBytes: readNumber(memory("max")),
      oomKills: readField(memory("events"), "oom_kill"),
    };
  return {
    ...common,
    memoryPeakBytes: readNumber(memory("max_usage_in_bytes")),
    memoryNowBytes: readNumber(memory("usage_in_bytes")),
    memoryLimitBytes: readNumber(memory("limit_in_bytes")),
    oomKills: readField(memory("oom_control"), "oom_kill"),
  };
}

/** Removes what a run left; a group with processes in it stays. */
export function removeCgroups(): void {
  const own = parseOwnGroups(readFileSync("/proc/self/cgroup", "utf8"));
  for (const [name, { root, point }] of parseMounts(readFileSync("/proc/self/mountinfo", "utf8"))) {
    const path = own.get(name) ?? "/";
    const below = root !== "/" && path.startsWith(root) ? path.slice(root.length) : path;
    removeTree(`${point}${CGROUP_PARENT}`);
    removeTree(`${point}${below}${CGROUP_PARENT}`);
  }
}

function removeTree(group: string): void {
  if (!existsSync(group)) return;
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(`${group}/${entry.name}`);
  try {
    rmdirSync(group);
  } catch {
    // Busy: the kernel is still ending its processes; the next run removes it.
  }
}

function readNumber(file: string): number {
  const text = readFileSync(file, "utf8").trim();
  return text === "max" ? Number.POSITIVE_INFINITY : Number(text);
}

function readField(file: string, name: string): number {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.split(" ")[1] ?? Number.NaN);
}
