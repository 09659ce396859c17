/** Rights and limits that every container of the compose file has, ours or not. */

/** User of whatever runs for us without an identity of its own. */
export const NOBODY = 65532;

/** What programs get that only may need a file for a moment. */
export const SMALL_TMP = "/tmp:size=1m";

/** `user:group` of a container. */
export function userEntry(id: number): string {
  return `${id}:${id}`;
}

/** No capability, and no way to get one. */
export const NO_RIGHTS = {
  cap_drop: ["ALL"],
  security_opt: ["no-new-privileges:true"],
} as const;

/** A container's limits; memory without swap. `cpus` in cores. */
export function limitEntries(memoryMiB: number, cpus: number, pids: number): object {
  return { mem_limit: `${memoryMiB}m`, memswap_limit: `${memoryMiB}m`, cpus, pids_limit: pids };
}

/** How much of its log Docker keeps: a number of files of some MB. */
export function logEntry(megabytes: number, files: number): object {
  return { driver: "json-file", options: { "max-size": `${megabytes}m`, "max-file": String(files) } };
}
