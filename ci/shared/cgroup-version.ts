/** Which version of control groups a machine has. */
import { existsSync } from "node:fs";

/** Where a machine has its hierarchy of version 2, or the directory of those of version 1. */
export const CGROUP_MOUNT = "/sys/fs/cgroup";

/** 2 where one hierarchy holds all controllers, else 1; a machine with both, a hybrid, has its controllers in 1. */
export function cgroupVersion(): 1 | 2 {
  return existsSync(`${CGROUP_MOUNT}/cgroup.controllers`) ? 2 : 1;
}
