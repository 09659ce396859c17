import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/**
 * From now on other users can read what this process and its programs make, and cannot write it, whatever the mask of the
 * shell is: images and mounts are made of it.
 */
export function makeReadable(): void {
  process.umask(0o022);
}

/** Folder of everything that this project keeps on a machine outside the repository; an absolute path. */
export function stateDir(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.MISTERSMITH_STATE || join(homedir(), ".cache", "mistersmith"));
}

/** A path below the state folder; its parent exists afterwards. */
export function statePath(...parts: [string, ...string[]]): string {
  const path = join(stateDir(), ...parts);
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
