/** Mounts that a daemon leaves behind when it is killed; a folder with one of them cannot be removed. */
import { readFileSync } from "node:fs";
import { EngineError } from "./engine-error.ts";
import { runCommand } from "./run-command.ts";

/** In the lines of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
const MOUNT_POINT = 4;

/**
 * Unmount whatever is mounted at a folder or below it.
 *
 * @throws MS-ENGINE-011 when a mount is still in use
 */
export async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder, readFileSync("/proc/self/mountinfo", "utf8"))) {
    const { exitCode, stderr } = await runCommand("umount", [path]);
    if (exitCode !== 0) throw new EngineError("MS-ENGINE-011", stderr.trim());
  }
}

/** The mount points at a folder or below it, what was mounted last first, so that each can be unmounted in turn. */
export function mountsBelow(folder: string, mountInfo: string): string[] {
  const points = mountInfo.split("\n").map((line) => unescaped(line.split(" ")[MOUNT_POINT] ?? ""));
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`)).reverse();
}

/** The kernel writes space, tab, newline and backslash in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
