/** Mounts that a daemon leaves behind when it is killed; a folder with one of them cannot be removed. */
import { readFileSync } from "node:fs";
import { EngineError } from "./engine-error.ts";
import { runCommand } from "./run-command.ts";

/** In the lines of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
const MOUNT_POINT = 4;

/**
 * Unmount whatever is mounted at a folder or below it.
 *
 * @param unmount gives what `umount` said when it failed
 * @throws MS-ENGINE-011 when a mount is still in use
 */
export async function unmountBelow(
  folder: string,
  mountInfo = readFileSync("/proc/self/mountinfo", "utf8"),
  unmount = umount,
): Promise<void> {
  for (const path of mountsBelow(folder, mountInfo)) {
    const failure = await unmount(path);
    if (failure !== undefined) throw new EngineError("MS-ENGINE-011", failure);
  }
}

async function umount(path: string): Promise<string | undefined> {
  const { exitCode, stderr } = await runCommand("umount", [path]);
  return exitCode === 0 ? undefined : stderr.trim();
}

/** The mount points at a folder or below it, what was mounted last first, so that each can be unmounted in turn. */
function mountsBelow(folder: string, mountInfo: string): string[] {
  const points = mountInfo.split("\n").map((line) => unescaped(line.split(" ")[MOUNT_POINT] ?? ""));
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse();
}

/** The kernel writes space, tab, newline and backslash in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
