/** `compose up`, and what its failures mean. */
import type { ComposeProject } from "./project.ts";
import { StackError } from "./stack-error.ts";
import { mustRecreate, noteRecreated } from "./stack-files.ts";
import { takenPort } from "./taken-port.ts";

const READY_SECONDS = "180";
const DATABASE = "postgres";
/** Postgres's own words. */
const REFUSED = /password authentication failed for user/;

/**
 * Starts what does not run, makes anew what has changed, and waits until all is healthy.
 *
 * @param profile options that choose a profile
 * @throws StackError MS-STACK-006, MS-STACK-010 when a port is taken, MS-STACK-011 when Postgres refuses the password
 */
export async function startContainers(project: ComposeProject, profile: readonly string[]): Promise<void> {
  const wait = ["--wait", "--wait-timeout", READY_SECONDS];
  const recreate = mustRecreate(project.directory) ? ["--force-recreate"] : [];
  const up = [...profile, "up", "--detach", ...wait, "--remove-orphans", ...recreate];
  const { exitCode, stdout, stderr } = await project.run(...up);
  if (exitCode === 0) return noteRecreated(project.directory);
  const port = takenPort(`${stdout}\n${stderr}`);
  if (port) throw new StackError("MS-STACK-010", `Docker cannot open ${port}`);
  // Of a volume that a person filled by hand nobody knows whose data it has.
  if (REFUSED.test(await project.ask("logs", "--no-color", "--tail", "50", DATABASE)))
    throw new StackError("MS-STACK-011", `Postgres refuses the password that ${project.directory} has`);
  throw new StackError("MS-STACK-006", `\`compose up\` ended with ${exitCode}`);
}
