/** Files of the stack on the disk: whole or not at all, with the mode that their readers need, whatever the umask. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { DeploymentFile } from "../../dagger/src/deployment/compose-files.ts";
import { StackError } from "./stack-error.ts";

/** Only the owner and root, who mounts the files, get in. */
const PRIVATE_DIRECTORY = 0o700;
/** Name of a file that is there while containers may still have what was mounted before. */
export const RECREATE = ".recreate";

/**
 * Makes a directory that is its owner's alone; one that is there stays as it is.
 *
 * @throws StackError MS-STACK-015
 */
export function makePrivate(directory: string): void {
  onDisk(directory, () => mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY }));
}

/**
 * Writes what is not there with this content. That a mounted file was another before is kept in mind until `noteRecreated`:
 * whoever is interrupted in between finds it again.
 *
 * @throws StackError MS-STACK-015
 */
export function writeFiles(directory: string, files: readonly DeploymentFile[]): void {
  for (const file of files) {
    const path = `${directory}/${file.path}`;
    onDisk(path, () => {
      const there = existsSync(path);
      if (there && readFileSync(path, "utf8") === file.content) return chmodSync(path, file.mode);
      if (there && file.isMounted) writeFileSync(`${directory}/${RECREATE}`, "");
      replace(path, file);
    });
  }
}

/** Whether containers have to be made anew to see what is mounted. */
export function mustRecreate(directory: string): boolean {
  return existsSync(`${directory}/${RECREATE}`);
}

/** Every container was made from the files as they are. */
export function noteRecreated(directory: string): void {
  rmSync(`${directory}/${RECREATE}`, { force: true });
}

/**
 * Reads a file of the stack. One that a run with sudo left is there and cannot be read, which is not the same as no file.
 *
 * @returns undefined when it is not there
 * @throws StackError MS-STACK-015 when it cannot be read
 */
export function readStackFile(path: string): string | undefined {
  return onDisk(path, () => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** A file that is half written when the disk is full would pass for a key. */
function replace(path: string, { content, mode }: DeploymentFile): void {
  const parts = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(parts, { force: true });
  try {
    writeFileSync(parts, content);
    chmodSync(parts, mode);
    renameSync(parts, path);
  } catch (error) {
    rmSync(parts, { force: true });
    throw error;
  }
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StackError("MS-STACK-015", `${path}: ${message}`);
  }
}
