/** Files for whoever runs the system: on one machine with compose, or on ECS. */
import { type Directory, dag } from "@dagger.io/dagger";
import { COMPOSE_FILE, composeFiles } from "../deployment/compose-files.ts";
import { createDeploymentKeys } from "../deployment/deployment-keys.ts";
import { type ComposeOptions, emitCompose } from "../emit/compose.ts";
import { emitEnvExample } from "../emit/compose-settings.ts";
import { emitEnvTable } from "../emit/env-table.ts";
import { emitHealthTable } from "../emit/health-table.ts";
import { emitNatsConf } from "../emit/nats-conf.ts";
import { emitPrometheusConf } from "../emit/prometheus-conf.ts";
import { emitResourcesTable } from "../emit/resources-table.ts";
import { emitTaskDefinition } from "../emit/task-definition.ts";
import { desiredRepository } from "../publication/repository.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { versionOf } from "../spec/versions.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { readPermissions } from "./run-stack.ts";
import { imageRecords } from "./write-report.ts";

/** Service whose image holds `chown` and `curl`. */
const HELPER = "tools";
const PLACEHOLDER_KEY = "put the key of the Messages API here";

/** Everything that `docker compose up` needs, with fresh keys. */
export async function composeDirectory(project: Project, registry: string, tag: string): Promise<Directory> {
  const permissions = await readPermissions(project);
  const keys = createDeploymentKeys(project.system, Object.keys(permissions.roles), PLACEHOLDER_KEY);
  const options = composeOptions(project, (repository) => `${registry}/${repository}:${tag}`);
  return composeFiles(project.observed, permissions, keys, options).reduce(
    (directory, { path, content, mode }) => directory.withNewFile(path, content, { permissions: mode }),
    dag.directory(),
  );
}

/** Where the system will run. */
export interface HandOffOptions {
  account: string;
  region: string;
}

/** Task definitions with images by digest, and what else a platform team asks for. Holds no key. */
export async function handOffDirectory(
  project: Project,
  images: readonly BuiltImage[],
  { account, region }: HandOffOptions,
): Promise<Directory> {
  const { system } = project;
  const registry = `${account}.dkr.ecr.${region}.amazonaws.com`;
  const digests = new Map(images.map(({ spec, facts }) => [spec.repository, facts.digest]));
  const byDigest = (repository: string) => `${registry}/${repository}@${digests.get(repository)}`;
  const references = imageReferences(project, byDigest);
  const permissions = await readPermissions(project);
  const variables = Object.keys(permissions.roles).map((role) => [role, `$NATS_${role.toUpperCase()}_NKEY`]);
  const natsConf = emitNatsConf(serviceOf(system, "nats"), permissions, Object.fromEntries(variables));
  let directory = dag
    .directory()
    .withNewFile("images.json", json(imageRecords(images, references)))
    .withNewFile("repositories.json", json(images.map(({ spec }) => desiredRepository(spec))))
    .withNewFile(COMPOSE_FILE, emitCompose(project.observed, composeOptions(project, byDigest)))
    .withNewFile(".env.example", emitEnvExample(project.observed))
    .withNewFile("prometheus.yml", emitPrometheusConf(project.observed))
    .withNewFile("nats.conf", natsConf)
    .withNewFile("resources.md", emitResourcesTable(system))
    .withNewFile("health.md", emitHealthTable(system));
  for (const spec of project.ownServices()) {
    const options = { image: references[spec.name] ?? "", account, region };
    directory = directory
      .withNewFile(`task-definitions/${spec.name}.json`, json(emitTaskDefinition(spec, system, options)))
      .withNewFile(`environment/${spec.name}.md`, emitEnvTable(spec, system));
  }
  return directory;
}

function composeOptions(project: Project, own: (repository: string) => string): ComposeOptions {
  const images = { ...imageReferences(project, own), ...project.versions.profileImages };
  return {
    images,
    helperImage: images[HELPER] ?? "",
    observability: [...project.observed.keys()].filter((name) => !project.system.has(name)),
  };
}

function imageReferences(project: Project, own: (repository: string) => string): Record<string, string> {
  return Object.fromEntries(
    [...project.system.values()].map((spec) => [
      spec.name,
      spec.repository === undefined
        ? versionOf(project.versions.images, spec.image ?? spec.name)
        : own(spec.repository),
    ]),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
