/** The control group that holds the containers of one run. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { CGROUP_MOUNT, cgroupVersion } from "../../shared/cgroup-version.ts";
import { CheckError } from "../../shared/check-error.ts";
import { parseMounts, parseOwnGroups } from "./cgroup.ts";
import { handDown } from "./hand-down.ts";
import { until } from "./wait.ts";

const CONTROLLERS: readonly string[] = ["memory", "cpu", "pids"];
const EMPTY_MS = 5000;

/**
 * Makes sure that containers with limits can be started below a group of this run's own, so that two runs at once
 * share none. Call it before any namespace is made: see `handDown`.
 *
 * @returns the group's path below the hierarchy
 * @throws MS-CHECK-040 to MS-CHECK-043 when the machine's groups cannot be used
 */
export function makeRunGroup(): string {
  const path = `/mistersmith-checklist-${randomBytes(4).toString("hex")}`;
  if (cgroupVersion() === 1) {
    // runc makes the groups of version 1 itself, in every hierarchy.
    const mounts = readMounts();
    const missing = CONTROLLERS.filter((name) => !mounts.has(name));
    if (missing.length > 0)
      throw new CheckError("MS-CHECK-041", `there are no groups for ${missing.join(", ")}`);
    return path;
  }
  handDown(CGROUP_MOUNT, CONTROLLERS);
  mkdirSync(`${CGROUP_MOUNT}${path}`);
  handDown(`${CGROUP_MOUNT}${path}`, CONTROLLERS);
  return path;
}

/** Removes the group of a run that has ended, in every hierarchy; waits until the kernel has ended its processes. */
export async function removeRunGroup(path: string): Promise<void> {
  const own = parseOwnGroups(readFileSync("/proc/self/cgroup", "utf8"));
  for (const [name, { root, point }] of readMounts()) {
    const mine = own.get(name) ?? "/";
    const below = root !== "/" && mine.startsWith(root) ? mine.slice(root.length) : mine;
    for (const group of [`${point}${path}`, `${point}${below}${path}`])
      await until(`${group} is empty`, EMPTY_MS, () => isRemoved(group));
  }
}

function readMounts(): ReturnType<typeof parseMounts> {
  return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
}

function isRemoved(group: string): boolean {
  if (!existsSync(group)) return true;
  for (const entry of readdirSync(group, { withFileTypes: true }))
    if (entry.isDirectory() && !isRemoved(`${group}/${entry.name}`)) return false;
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EBUSY") return false;
    throw error;
  }
}
