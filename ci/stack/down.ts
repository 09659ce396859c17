/** Takes the stack down: containers, networks and scratch space; the data only when asked. */
import { rmSync } from "node:fs";
import { dockerAnswers } from "../engine/docker-daemon.ts";
import { composeCommand } from "./compose-command.ts";
import { ComposeProject } from "./project.ts";
import { StackError } from "./stack-error.ts";

const EVERY_PROFILE = ["--profile", "*"];

/**
 * Takes it down; it is no error when there is nothing.
 *
 * @param volumes also removes the data and the keys that belong to it
 * @throws StackError MS-STACK-001, MS-STACK-006
 */
export async function down(volumes: boolean): Promise<void> {
  if (!(await dockerAnswers())) throw new StackError("MS-STACK-001", "`docker version` fails");
  const project = new ComposeProject(await composeCommand());
  // Workers keep their scratch in volumes without a name, which only `rm` takes along without the named ones.
  const steps = project.exists ? [["stop"], ["rm", "--force", "--volumes"]] : [];
  const last = ["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])];
  for (const step of [...steps, last]) {
    const { exitCode } = await project.run(...EVERY_PROFILE, ...step);
    if (exitCode !== 0) throw new StackError("MS-STACK-006", `\`compose ${step[0]}\` ended with ${exitCode}`);
  }
  if (volumes) rmSync(project.directory, { recursive: true, force: true });
}
