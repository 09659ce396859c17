/** Room on the disks that are filled. */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { stateDir } from "../engine/state.ts";
import type { Finding } from "./finding.ts";
import { gb } from "./system.ts";

/** One place. */
export interface DiskFacts {
  /** What lies there. */
  subject: string;
  path: string;
  /** Bytes that we may use. */
  free: number;
  /** Files that we may make; undefined where the file system has no limit. */
  files: number | undefined;
  writable: boolean;
}

/** A first `make test` leaves about so much behind, most of it in the engine's cache, in bytes. */
const NEEDED = 25e9;
/** Below that not even the programs find room, in bytes. */
const LEAST = 3e9;
const LEAST_FILES = 10_000;

/**
 * Looks at the state folder, and where Docker keeps its data.
 *
 * @param dockerRoot undefined where Docker runs elsewhere or does not answer
 */
export function diskFacts(dockerRoot: string | undefined): DiskFacts[] {
  const state = look("state folder", stateDir());
  const docker =
    dockerRoot !== undefined && existsSync(dockerRoot) ? [look("Docker's disk", dockerRoot)] : [];
  return [state, ...docker];
}

/** What is said of a place; only the state folder must be ours to write. */
export function diskFinding({ subject, path, free, files, writable }: DiskFacts, isOurs: boolean): Finding {
  const few = files !== undefined && files < LEAST_FILES;
  const found = `${path}, ${gb(free)} free${few ? `, ${files} files` : ""}`;
  if (isOurs && !writable)
    return {
      subject,
      found: `${found}, not writable`,
      next: "set MISTERSMITH_STATE to a folder that you can write, for example /var/tmp/mistersmith",
    };
  if (free < LEAST || few)
    return {
      subject,
      found,
      next: `free room at ${path}: \`dagger core engine local-cache prune\`, \`docker system prune\``,
    };
  return free < NEEDED
    ? { subject, found, follows: `a first \`make test\` takes about ${gb(NEEDED)}` }
    : { subject, found };
}

function look(subject: string, path: string): DiskFacts {
  const place = existing(path);
  const { bavail, bsize, files, ffree } = statfsSync(place);
  return {
    subject,
    path,
    free: bavail * bsize,
    files: files === 0 ? undefined : ffree,
    writable: isWritable(place),
  };
}

/** The folder, or the nearest one above it that exists. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
