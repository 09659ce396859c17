/** Brings the stack up: images from the pipeline into Docker, files with keys, compose. */
import { existsSync, rmSync } from "node:fs";
import { OPERATOR_TOKEN_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { composeOptions, PROJECT } from "../../dagger/src/emit/compose.ts";
import { portOf, type SystemSpec, serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { root, runDagger } from "../shared/dagger-call.ts";
import { readObservedSystem, readPermissions, readSystem } from "../shared/read-system.ts";
import { closingWords } from "./closing-words.ts";
import { composeCommand } from "./compose-command.ts";
import { localDaemon } from "./daemon.ts";
import { makeVolumes, volumeNames } from "./data-volumes.ts";
import { DEMO_FILE, DEMO_KEY, demoFiles } from "./demo.ts";
import { findEarlierStack, refuseForeignData, refuseOthers } from "./earlier-stack.ts";
import { loadedReferences, loadImages, removeImages } from "./load-images.ts";
import { ComposeProject } from "./project.ts";
import { labelForContainers } from "./selinux.ts";
import { IMAGES, writeStack } from "./stack-directory.ts";
import { StackError } from "./stack-error.ts";
import { makePrivate, writeFiles } from "./stack-files.ts";
import { alone } from "./stack-lock.ts";
import { startContainers } from "./start-containers.ts";

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

/**
 * Brings it up; run again it changes only what is different.
 *
 * @returns what to tell the person
 * @throws StackError
 */
export async function up(options: UpOptions): Promise<string> {
  const anthropicApiKey = options.demo ? DEMO_KEY : options.anthropicApiKey;
  if (!anthropicApiKey) throw new StackError("MS-STACK-003", "ANTHROPIC_API_KEY is not set");
  await localDaemon();
  const project = new ComposeProject(await composeCommand());
  return alone(project.name, () => upAlone(project, { ...options, anthropicApiKey }));
}

async function upAlone(
  project: ComposeProject,
  options: UpOptions & { anthropicApiKey: string },
): Promise<string> {
  const system = readSystem(root);
  const keyed = volumeNames(system);
  const earlier = await findEarlierStack(project.name);
  refuseOthers(earlier, project.directory);
  refuseForeignData(earlier, project.directory, keyed);

  const images = await loadImages(options.images ?? (await exportImages(project.directory)), system);
  const before = loadedReferences(project.text);
  const token = await writeAll(project, system, images, options);
  await labelForContainers(project.directory);
  await makeVolumes(project.name, project.directory, keyed);
  await startContainers(project, options.observability ? PROFILE : []);
  await removeImages(before.filter((reference) => !Object.values(images).includes(reference)));
  return wordsFor(project, token, options);
}

async function writeAll(
  project: ComposeProject,
  system: SystemSpec,
  images: Readonly<Record<string, string>>,
  { demo, anthropicApiKey }: UpOptions & { anthropicApiKey: string },
): Promise<string> {
  const observed = readObservedSystem(root);
  const token = writeStack(project.directory, {
    project: project.name,
    system: observed,
    permissions: readPermissions(root),
    ...composeOptions(system, observed, images),
    anthropicApiKey,
  });
  if (demo) writeFiles(project.directory, await demoFiles(system, images[GATEWAY] ?? ""));
  else rmSync(`${project.directory}/${DEMO_FILE}`, { force: true });
  return token;
}

async function exportImages(directory: string): Promise<string> {
  const images = `${directory}/${IMAGES}`;
  makePrivate(directory);
  const { exitCode } = await runDagger(["images", "export", "--path", images]);
  if (exitCode !== 0 || !existsSync(images))
    throw new StackError("MS-STACK-004", `\`dagger call images\` ended with ${exitCode}`);
  return images;
}

async function wordsFor(
  project: ComposeProject,
  token: string,
  { demo, observability }: UpOptions,
): Promise<string> {
  const observed = readObservedSystem(root);
  const watch = observability && `http://${await addressOf(project, observed, PROMETHEUS)}`;
  const isDefault = project.name === PROJECT;
  return closingWords({
    url: `http://${await addressOf(project, observed, GATEWAY)}`,
    grpc: await addressOf(project, observed, GATEWAY, "grpc"),
    token,
    tokenFile: `${project.directory}/${OPERATOR_TOKEN_FILE}`,
    compose: project.words,
    stackDown: `make stack-down${isDefault ? "" : ` STACK_NAME=${project.name}`}`,
    demo,
    ...(watch && { prometheus: watch }),
  });
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
