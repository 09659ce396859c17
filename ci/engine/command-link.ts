/** The link that puts the dagger command on a person's PATH. */
import { accessSync, constants, lstatSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { commandFolder } from "./command-path.ts";
import { binaryPath } from "./engine-binaries.ts";
import { stateDir } from "./state.ts";

/** Where a link may go: for all users, or for this one where the PATH has such a folder. */
function linkFolders(): string[] {
  const path = (process.env.PATH ?? "").split(delimiter);
  const ownFolders = [".local/bin", "bin"].map((name) => join(homedir(), name));
  return ["/usr/local/bin", ...ownFolders.filter((folder) => path.includes(folder))];
}

/**
 * Make the link in the first folder that takes it.
 *
 * @returns a hint for the person when their shell finds no command or another one
 */
export function linkCommand(
  folders: readonly string[] = linkFolders(),
  target: string = binaryPath("dagger"),
): string | undefined {
  unlinkCommand(folders);
  const link = folders.map((folder) => join(folder, "dagger")).find((path) => canLink(target, path));
  if (link !== undefined && isSame(firstOnPath("dagger"), target)) return undefined;
  if (link !== undefined) rmSync(link); // Another command stands before it on the PATH.
  return `the make targets find it; for calls of your own: export PATH="${commandFolder()}:$PATH"`;
}

/** Remove the links that are ours. */
export function unlinkCommand(folders: readonly string[] = linkFolders()): void {
  for (const folder of folders) if (isOurs(join(folder, "dagger"))) rmSync(join(folder, "dagger"));
}

function isOurs(link: string): boolean {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(link).startsWith(`${stateDir()}/`);
}

function canLink(target: string, link: string): boolean {
  try {
    symlinkSync(target, link);
    return true;
  } catch {
    return false; // No such folder, no right to write there, or another's program has the place.
  }
}

function firstOnPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isSame(path: string | undefined, target: string): boolean {
  return path !== undefined && realpathSync(path) === realpathSync(target);
}
