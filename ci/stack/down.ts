/** Takes the stack down: containers, networks and scratch space; the data only when asked. */
import { composeCommand } from "./compose-command.ts";
import { localDaemon } from "./daemon.ts";
import { findEarlierStack, refuseOthers } from "./earlier-stack.ts";
import { loadedReferences, removeImages } from "./load-images.ts";
import { ComposeProject } from "./project.ts";
import { removeStack } from "./stack-directory.ts";
import { StackError } from "./stack-error.ts";
import { alone } from "./stack-lock.ts";

const EVERY_PROFILE = ["--profile", "*"];

/**
 * Takes it down; it is no error when there is nothing.
 *
 * @param volumes also removes the data, the keys that belong to it, and the images
 * @throws StackError MS-STACK-001, MS-STACK-006, MS-STACK-012 when it is the stack of another checkout
 */
export async function down(volumes: boolean): Promise<void> {
  await localDaemon();
  const project = new ComposeProject(await composeCommand());
  await alone(project.name, () => downAlone(project, volumes));
}

async function downAlone(project: ComposeProject, volumes: boolean): Promise<void> {
  refuseOthers(await findEarlierStack(project.name), project.directory);
  const images = loadedReferences(project.text);
  // Workers keep their scratch in volumes without a name, which only `rm` takes along without the named ones.
  const steps = [["stop"], ["rm", "--force", "--volumes"]];
  const last = ["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])];
  for (const step of [...steps, last]) {
    const { exitCode } = await project.run(...EVERY_PROFILE, ...step);
    if (exitCode !== 0) throw new StackError("MS-STACK-006", `\`compose ${step[0]}\` ended with ${exitCode}`);
  }
  if (!volumes) return;
  await removeImages(images);
  removeStack(project.directory);
}
