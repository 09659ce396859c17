/** How the engine's container gets control groups that it can make others in. */
import { CGROUP_MOUNT } from "../shared/cgroup-version.ts";

/**
 * Docker options for the engine's container.
 *
 * @param isPrivileged whether it is started with --privileged
 */
export function controlGroupOptions(version: 1 | 2, isPrivileged: boolean): string[] {
  // Said, since a daemon's configuration may have another default.
  if (version === 2 && isPrivileged) return ["--cgroupns", "private"];
  // Version 1 has no delegation by namespace, and of version 2 only a privileged container may write its own groups: the
  // engine gets the machine's.
  return ["--cgroupns", "host", "--volume", `${CGROUP_MOUNT}:${CGROUP_MOUNT}`];
}
