/** `docker-compose.yml`: the whole system on one machine, with the limits and rights that the specs name. */
import { stringify } from "yaml";
import { configVariables, secretVariables } from "../spec/environment.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { helperServices } from "./compose-helpers.ts";
import { emitNetworks } from "./compose-networks.ts";
import { composeService } from "./compose-service.ts";
import { namedVolumes } from "./compose-volumes.ts";

/** What the compose file needs beside the specs. */
export interface ComposeOptions {
  /** Image reference of each service, by its name. */
  images: Readonly<Record<string, string>>;
  /** Image with `chown` and `curl` for the services that run once before others. */
  helperImage: string;
  /** Services that start only when this profile is asked for; a task has a profile of its own name. */
  observability?: readonly string[];
  /** Name of the project, which starts the name of everything that compose makes. */
  project?: string;
}

/** Name of the project unless another is given. */
export const PROJECT = "mistersmith";

/** Service whose image has `chown` and `curl`. */
const HELPER = "tools";

/**
 * Options for the file of the whole system.
 *
 * @param observed the system with what only the profile `observability` has
 * @param images reference of each service, by its name
 */
export function composeOptions(
  system: SystemSpec,
  observed: SystemSpec,
  images: Readonly<Record<string, string>>,
): Required<Omit<ComposeOptions, "project">> {
  const observability = [...observed.keys()].filter((name) => !system.has(name));
  return { images, helperImage: images[HELPER] ?? "", observability };
}

/** Name of the profile that watches the system. */
const OBSERVABILITY = "observability";

const HEADER = [
  "# Generated from the specs. Beside it: nats.conf, secrets/<name> and config/<name>, one file per value;",
  "# .env.example lists what can be set.",
  "",
].join("\n");

/** Writes the compose file. */
export function emitCompose(system: SystemSpec, options: ComposeOptions): string {
  const specs = [...system.values()];
  const services = Object.assign(
    {},
    ...specs.map((spec) => {
      const profile = profileOf(spec, options);
      const image = options.images[spec.name] ?? missingImage(spec);
      return {
        ...helperServices(spec, options.helperImage, profile),
        [spec.name]: composeService(spec, system, image, profile),
      };
    }),
  ) as Record<string, object>;
  const secrets = names(specs, (spec) => secretVariables(spec).map((variable) => variable.secret));
  const configs = names(specs, (spec) => configVariables(spec).map((variable) => variable.config));
  const generated = specs.flatMap((spec) => spec.configFiles);
  const volumes = names(specs, (spec) => namedVolumes(spec).map((path) => path.name));
  const document = {
    name: options.project ?? PROJECT,
    services,
    networks: emitNetworks(system),
    secrets: Object.fromEntries(secrets.map((name) => [name, { file: `./secrets/${name}` }])),
    configs: {
      ...Object.fromEntries(configs.map((name) => [name, { file: `./config/${name}` }])),
      ...Object.fromEntries(generated.map((file) => [file.source, { file: `./${baseName(file.path)}` }])),
    },
    volumes: Object.fromEntries(volumes.map((name) => [name, {}])),
  };
  return HEADER + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

function profileOf(spec: ServiceSpec, options: ComposeOptions): { profiles?: string[] } {
  if (options.observability?.includes(spec.name)) return { profiles: [OBSERVABILITY] };
  return spec.kind === "task" ? { profiles: [spec.name] } : {};
}

function names(specs: readonly ServiceSpec[], of: (spec: ServiceSpec) => string[]): string[] {
  return [...new Set(specs.flatMap(of))].sort();
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function missingImage(spec: ServiceSpec): never {
  throw new Error(`no image reference for ${spec.name}`);
}
