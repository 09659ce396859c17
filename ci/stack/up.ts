/** Brings the stack up: images from the pipeline into Docker, files with keys, compose. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { OPERATOR_TOKEN_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { type NatsPermissions, parseNatsPermissions } from "../../dagger/src/emit/nats-conf.ts";
import { portOf, type SystemSpec, serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { dockerAnswers } from "../engine/docker-daemon.ts";
import { root, runDagger } from "../shared/dagger-call.ts";
import { readSystem } from "../shared/read-system.ts";
import { closingWords } from "./closing-words.ts";
import { composeCommand } from "./compose-command.ts";
import { DEMO_FILE, DEMO_KEY, writeDemo } from "./demo.ts";
import { imageReferences, loadImages } from "./load-images.ts";
import { ComposeProject } from "./project.ts";
import { writeStack } from "./stack-directory.ts";
import { StackError } from "./stack-error.ts";

/** What a person chose. */
export interface UpOptions {
  /** Answer with the stand-in of the Messages API. */
  demo: boolean;
  anthropicApiKey?: string;
  /** Directory with exported images; without it the pipeline exports them. */
  images?: string;
}

const GATEWAY = "mcp-gateway";
/** Image with `chown` and `curl`. */
const HELPER = "tools";
const READY_SECONDS = "180";
const PORT_TAKEN = /port is already allocated|address already in use/i;

/**
 * Brings it up; run again it changes only what is different.
 *
 * @returns what to tell the person
 * @throws StackError
 */
export async function up(options: UpOptions): Promise<string> {
  const anthropicApiKey = options.demo ? DEMO_KEY : options.anthropicApiKey;
  if (!anthropicApiKey) throw new StackError("MS-STACK-003", "ANTHROPIC_API_KEY is not set");
  if (!(await dockerAnswers())) throw new StackError("MS-STACK-001", "`docker version` fails");
  const system = readSystem(root);
  const project = new ComposeProject(await composeCommand());
  await loadImages(options.images ?? (await exportImages(project.directory)), system);
  const images = imageReferences(system);
  const plan = { system, permissions: readPermissions(), images, helperImage: images[HELPER] ?? "" };
  const { token, mountsChanged } = writeStack(project.directory, { ...plan, anthropicApiKey });
  if (options.demo) await writeDemo(project.directory, system, images[GATEWAY] ?? "");
  else rmSync(`${project.directory}/${DEMO_FILE}`, { force: true });
  await start(project, mountsChanged);
  return closingWords({
    ...(await addresses(project, system)),
    ...about(project, token),
    demo: options.demo,
  });
}

async function start(project: ComposeProject, anew: boolean): Promise<void> {
  const wait = ["--wait", "--wait-timeout", READY_SECONDS];
  const recreate = anew ? ["--force-recreate"] : [];
  const { exitCode, stderr } = await project.run("up", "--detach", ...wait, "--remove-orphans", ...recreate);
  if (exitCode === 0) return;
  if (PORT_TAKEN.test(stderr)) throw new StackError("MS-STACK-010", "Docker cannot open a port");
  throw new StackError("MS-STACK-006", `\`compose up\` ended with ${exitCode}`);
}

async function exportImages(directory: string): Promise<string> {
  const images = `${directory}/images`;
  const { exitCode } = await runDagger(["images", "export", "--path", images]);
  if (exitCode !== 0 || !existsSync(images))
    throw new StackError("MS-STACK-004", `\`dagger call images\` ended with ${exitCode}`);
  return images;
}

async function addresses(
  project: ComposeProject,
  system: SystemSpec,
): Promise<{ url: string; grpc: string }> {
  const gateway = serviceOf(system, GATEWAY);
  const at = (name: string) => project.ask("port", GATEWAY, String(portOf(gateway, name).port));
  return { url: `http://${await at("http")}`, grpc: await at("grpc") };
}

function about(
  project: ComposeProject,
  token: string,
): { token: string; tokenFile: string; compose: string[] } {
  return { token, tokenFile: `${project.directory}/${OPERATOR_TOKEN_FILE}`, compose: project.words };
}

function readPermissions(): NatsPermissions {
  return parseNatsPermissions(readFileSync(`${root}/services/contracts/permissions.json`, "utf8"));
}
