/** Files for whoever runs the system: on one machine with compose, or on ECS. */
import { type Directory, dag, type File } from "@dagger.io/dagger";
import { COMPOSE_FILE, composeFiles } from "../deployment/compose-files.ts";
import { createDeploymentKeys } from "../deployment/deployment-keys.ts";
import { type ComposeOptions, composeOptions, emitCompose } from "../emit/compose.ts";
import { emitEnvExample } from "../emit/compose-settings.ts";
import { parseEmf } from "../emit/emf-contract.ts";
import { jsonFile } from "../emit/hand-off/document.ts";
import {
  type HandOffInput,
  type HandOffOptions,
  handOffFiles,
  imageReferences,
} from "../emit/hand-off/files.ts";
import {
  handOffRegistry,
  type ImageDigests,
  type PublishedDigests,
  parsePublished,
} from "../emit/hand-off/image-digests.ts";
import { parsePriceTable } from "../emit/hand-off/price-table.ts";
import { emitNatsConf, type NatsPermissions, nkeyVariable } from "../emit/nats-conf.ts";
import { emitPrometheusConf } from "../emit/prometheus-conf.ts";
import { DEPLOYED_PLATFORM, parsePlatforms } from "../spec/platform.ts";
import { repositoryOf, serviceOf } from "../spec/service-spec.ts";
import { versionOf } from "../spec/versions.ts";
import { buildPlatforms } from "./build-platforms.ts";
import { newNonce } from "./nonce.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { readPermissions } from "./run-stack.ts";
import { secretFiles } from "./secret-files.ts";
import { imageRecords } from "./write-report.ts";

const PLACEHOLDER_KEY = "put the key of the Messages API here";

/** Everything that `docker compose up` needs, with fresh keys. */
export async function composeDirectory(project: Project, registry: string, tag: string): Promise<Directory> {
  const permissions = await readPermissions(project);
  const keys = createDeploymentKeys(project.system, Object.keys(permissions.roles), PLACEHOLDER_KEY);
  const options = optionsOf(
    project,
    composeImages(project, (repository) => `${registry}/${repository}:${tag}`),
  );
  const files = composeFiles(project.observed, permissions, keys, options);
  const secrets = files.filter(({ isSecret }) => isSecret);
  return files
    .filter(({ isSecret }) => !isSecret)
    .reduce(
      (directory, { path, content, mode }) => directory.withNewFile(path, content, { permissions: mode }),
      dag.directory().withDirectory("/", secretFiles(project, secrets, newNonce())),
    );
}

/** Files that both forms of the hand-off need from the checkout. */
const CONTRACTS = "services/contracts";

/**
 * Everything that a platform team asks for, with images by digest. Holds no key.
 *
 * @param images for the project's platform: built ones, or the digests of images.json, and nothing is built
 */
export async function handOffDirectory(
  project: Project,
  images: readonly BuiltImage[] | ImageDigests,
  options: HandOffOptions,
): Promise<Directory> {
  const { system } = project;
  const built = isBuilt(images) ? images : [];
  const digests = isBuilt(images) ? digestsOf(images) : images;
  const input = { ...(await handOffInput(project)), digests };
  const references = imageReferences(system, input, options);
  const files: Record<string, string> = {
    ...handOffFiles(system, input, options),
    "images.json": jsonFile(
      built.length > 0 ? imageRecords(built, references) : givenRecords(project, digests, references),
    ),
    [COMPOSE_FILE]: emitCompose(project.observed, optionsOf(project, references)),
    ".env.example": emitEnvExample(project.observed),
    "prometheus.yml": emitPrometheusConf(project.observed),
    "nats.conf": singleServerConf(project, input.permissions),
  };
  return Object.entries(files).reduce(
    (directory, [path, text]) => directory.withNewFile(path, text),
    dag.directory(),
  );
}

/**
 * The same from a publication's images.json; without one the images are built.
 *
 * @param platform name of what the tasks run on; without it that of images.json, or what is deployed by default
 * @throws PipelineError MS-PIPE-002 for an unknown platform, MS-PIPE-015 when images.json names another one,
 * MS-PIPE-020 when it names another registry
 */
export async function handOffRun(
  project: Project,
  images: File | undefined,
  platform: string | undefined,
  options: HandOffOptions,
): Promise<Directory> {
  const [wanted = DEPLOYED_PLATFORM] = parsePlatforms(platform ? [platform] : [], DEPLOYED_PLATFORM);
  if (images === undefined) {
    const { images: built } = await buildPlatforms(project, [wanted]);
    return handOffDirectory(project.onPlatform(wanted), built, options);
  }
  const json = await images.contents();
  const given = parsePublished(json, platform ? wanted : undefined);
  const there = { ...options, ...handOffRegistry(json, options) };
  return handOffDirectory(project.onPlatform(given.platform), given.digests, there);
}

/** What a publication's images.json says; nothing without one. */
export async function givenImages(images: File | undefined): Promise<PublishedDigests | undefined> {
  return images && parsePublished(await images.contents());
}

async function handOffInput(project: Project): Promise<Omit<HandOffInput, "digests">> {
  const { platform } = project;
  const read = (path: string) => project.source.file(path).contents();
  const [permissions, emf, prices] = await Promise.all([
    readPermissions(project),
    read(`${CONTRACTS}/emf.json`).then(parseEmf),
    read("ci/aws-prices.json").then(parsePriceTable),
  ]);
  return { images: takenImages(project), platform, permissions, emf, prices };
}

function isBuilt(images: readonly BuiltImage[] | ImageDigests): images is readonly BuiltImage[] {
  return Array.isArray(images);
}

function digestsOf(images: readonly BuiltImage[]): ImageDigests {
  return Object.fromEntries(images.map(({ spec, facts }) => [spec.name, facts.digest]));
}

function givenRecords(project: Project, digests: ImageDigests, references: Readonly<Record<string, string>>) {
  const { platform } = project;
  return project.ownServices().map(({ name }) => ({
    name,
    platform: platform.name,
    digest: digests[name],
    ref: references[name],
  }));
}

function singleServerConf(project: Project, permissions: NatsPermissions): string {
  const keys = Object.keys(permissions.roles).map((role) => [role, `$${nkeyVariable(role)}`]);
  return emitNatsConf(serviceOf(project.system, "nats"), permissions, Object.fromEntries(keys));
}

function takenImages(project: Project): Record<string, string> {
  const taken = [...project.system.values()].filter(({ repository }) => repository === undefined);
  return Object.fromEntries(
    taken.map(({ name, image }) => [name, versionOf(project.versions.images, image ?? name)]),
  );
}

function optionsOf(project: Project, references: Readonly<Record<string, string>>): ComposeOptions {
  const images = { ...references, ...project.versions.profileImages };
  return composeOptions(project.system, project.observed, images);
}

function composeImages(project: Project, own: (repository: string) => string): Record<string, string> {
  const built = project.ownServices().map((spec) => [spec.name, own(repositoryOf(spec))]);
  return { ...takenImages(project), ...Object.fromEntries(built) };
}
