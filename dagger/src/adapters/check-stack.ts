/** Starts the system as `stack` does and asks it from outside. */
import { explained } from "../errors.ts";
import { portOf } from "../spec/service-spec.ts";
import { buildImage } from "./build-images.ts";
import { newNonce } from "./nonce.ts";
import type { Project } from "./project.ts";
import { STACK_ACCESS } from "./run-stack.ts";
import { stackRun } from "./whole-run.ts";

const HOST = "stack";
const CURL = ["curl", "--silent", "--show-error", "--fail"];
const PATIENCE = ["--retry", "60", "--retry-delay", "1", "--retry-all-errors"];

/**
 * Waits until the gateway, as the stack shows it, is ready, and asks for the pool with the token that the stack would print.
 *
 * @throws PipelineError MS-PIPE-007 with what curl says when either is refused
 */
export async function checkStack(project: Project): Promise<string> {
  const gateway = project.spec("mcp-gateway");
  const url = `http://${HOST}:${portOf(gateway, "http").port}`;
  const stack = await stackRun(project, { workers: 1 });
  const { directory, notice, header } = STACK_ACCESS;
  // Nobody reads this front's log for a token: it prints none.
  const silent = stack.withoutFile(`${directory}/${notice}`);
  const tools = await buildImage(project, "tools");
  const asked = tools
    .withServiceBinding(HOST, silent.asService())
    .withFile(`${directory}/${header}`, stack.file(`${directory}/${header}`))
    .withEnvVariable("RUN", newNonce())
    .withExec([...CURL, ...PATIENCE, `${url}${gateway.health?.path}`])
    .withExec([...CURL, "--header", `@${directory}/${header}`, `${url}/v1/pool`]);
  return explained("MS-PIPE-007", "the stack", () => asked.stdout());
}
