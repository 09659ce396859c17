/** Brings the stack up: images from the pipeline into Docker, files with keys, compose. */
import { existsSync, rmSync } from "node:fs";
import { OPERATOR_TOKEN_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { composeOptions } from "../../dagger/src/emit/compose.ts";
import { portOf, type SystemSpec, serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { dockerAnswers } from "../engine/docker-daemon.ts";
import { root, runDagger } from "../shared/dagger-call.ts";
import { readObservedSystem, readPermissions, readSystem } from "../shared/read-system.ts";
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
  /** Also start what watches the system. */
  observability: boolean;
  /** Directory with exported images; without it the pipeline exports them. */
  images?: string;
}

const GATEWAY = "mcp-gateway";
const PROMETHEUS = "prometheus";
const PROFILE = ["--profile", "observability"] as const;
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
  const observed = readObservedSystem(root);
  const { token, mountsChanged } = writeStack(project.directory, {
    system: observed,
    permissions: readPermissions(root),
    ...composeOptions(system, observed, images),
    anthropicApiKey,
  });
  if (options.demo) await writeDemo(project.directory, system, images[GATEWAY] ?? "");
  else rmSync(`${project.directory}/${DEMO_FILE}`, { force: true });
  await start(project, mountsChanged, options.observability ? [...PROFILE] : []);
  const watch = options.observability && `http://${await addressOf(project, observed, PROMETHEUS)}`;
  return closingWords({
    url: `http://${await addressOf(project, system, GATEWAY)}`,
    grpc: await addressOf(project, system, GATEWAY, "grpc"),
    token,
    tokenFile: `${project.directory}/${OPERATOR_TOKEN_FILE}`,
    compose: project.words,
    demo: options.demo,
    ...(watch && { prometheus: watch }),
  });
}

async function start(project: ComposeProject, anew: boolean, profile: readonly string[]): Promise<void> {
  const wait = ["--wait", "--wait-timeout", READY_SECONDS];
  const recreate = anew ? ["--force-recreate"] : [];
  const up = [...profile, "up", "--detach", ...wait, "--remove-orphans", ...recreate];
  const { exitCode, stderr } = await project.run(...up);
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

/** `host:port` at which a public port of a service answers on this machine. */
function addressOf(
  project: ComposeProject,
  system: SystemSpec,
  name: string,
  port = "http",
): Promise<string> {
  return project.ask(...PROFILE, "port", name, String(portOf(serviceOf(system, name), port).port));
}
