/** The link that puts the dagger command on a person's PATH. */
import { lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { binaryPath } from "./engine-binaries.ts";
import { stateDir } from "./state.ts";

const LINK = "/usr/local/bin/dagger";

/** Make the link unless something else has its place; returns a hint for the person where it cannot be made. */
export function linkCommand(link = LINK, target = binaryPath("dagger")): string | undefined {
  if (isOurs(link)) rmSync(link);
  try {
    symlinkSync(target, link);
    return undefined;
  } catch {
    return `the dagger command is ${target}; put its folder first in PATH`;
  }
}

/** Remove the link if it is ours. */
export function unlinkCommand(link = LINK): void {
  if (isOurs(link)) rmSync(link);
}

function isOurs(link: string): boolean {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(link).startsWith(`${stateDir()}/`);
}
