/** Where everything lies that `up` makes: outside the checkout, so that every clone on the machine shares it. */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The state directory: MISTERSMITH_STATE, or .cache/mistersmith below the home directory. */
export const stateDir: string = process.env.MISTERSMITH_STATE ?? join(homedir(), ".cache", "mistersmith");

/** A path below the state directory; its parent exists afterwards. */
export function statePath(...parts: [string, ...string[]]): string {
  const path = join(stateDir, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  return path;
}
