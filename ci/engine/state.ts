import { homedir } from "node:os";
import { join } from "node:path";

/** Folder of everything that this project keeps on a machine outside the repository. */
export function stateDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.MISTERSMITH_STATE || join(homedir(), ".cache", "mistersmith");
}
