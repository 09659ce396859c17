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
import { type ImageDigests, parseImageDigests } from "../emit/hand-off/image-digests.ts";
import { parsePriceTable } from "../emit/hand-off/price-table.ts";
import { emitNatsConf, type NatsPermissions, nkeyVariable } from "../emit/nats-conf.ts";
import { emitPrometheusConf } from "../emit/prometheus-conf.ts";
import { repositoryOf, serviceOf } from "../spec/service-spec.ts";
import { versionOf } from "../spec/versions.ts";
import { buildAll } from "./build-images.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { readPermissions } from "./run-stack.ts";
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
  return composeFiles(project.observed, permissions, keys, options).reduce(
    (directory, { path, content, mode }) => directory.withNewFile(path, content, { permissions: mode }),
    dag.directory(),
  );
}

/** Files that both forms of the hand-off need from the checkout. */
const CONTRACTS = "services/contracts";

/**
 * Everything that a platform team asks for, with images by digest. Holds no key.
 *
 * @param digests of images.json; nothing is built when they are given
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

/** The same from a publication's images.json; without one the images are built. */
export async function handOffRun(
  project: Project,
  images: File | undefined,
  options: HandOffOptions,
): Promise<Directory> {
  return handOffDirectory(project, (await givenDigests(images)) ?? (await buildAll(project)), options);
}

/** The digests of a publication's images.json; nothing without one. */
export async function givenDigests(images: File | undefined): Promise<ImageDigests | undefined> {
  return images && parseImageDigests(await images.contents());
}

async function handOffInput(project: Project): Promise<Omit<HandOffInput, "digests">> {
  const read = (path: string) => project.source.file(path).contents();
  const [permissions, emf, prices] = await Promise.all([
    readPermissions(project),
    read(`${CONTRACTS}/emf.json`).then(parseEmf),
    read("ci/aws-prices.json").then(parsePriceTable),
  ]);
  return { images: takenImages(project), permissions, emf, prices };
}

function isBuilt(images: readonly BuiltImage[] | ImageDigests): images is readonly BuiltImage[] {
  return Array.isArray(images);
}

function digestsOf(images: readonly BuiltImage[]): ImageDigests {
  return Object.fromEntries(images.map(({ spec, facts }) => [spec.name, facts.digest]));
}

function givenRecords(project: Project, digests: ImageDigests, references: Readonly<Record<string, string>>) {
  return project.ownServices().map(({ name }) => ({ name, digest: digests[name], ref: references[name] }));
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
