/** `docker-compose.yml`: the whole system on one machine, with the limits and rights that the specs name. */
import { stringify } from "yaml";
import { configVariables, secretVariables, wiredEnvironment } from "../spec/environment.ts";
import type { HealthSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { configPath, fileVariable, secretPath } from "./deployment-files.ts";

/** What the compose file needs beside the specs. */
export interface ComposeOptions {
  /** Image reference of each service, by its name. */
  images: Readonly<Record<string, string>>;
  /** Image with `chown`: a volume of an image that has no such directory belongs to root at first. */
  helperImage: string;
}

const HEADER =
  "# Generated from the specs. Beside it: nats.conf, secrets/<name> and config/<name>, one file per value.\n";
const LOOPBACK = "127.0.0.1";

/** Writes the compose file. */
export function emitCompose(system: SystemSpec, options: ComposeOptions): string {
  const specs = [...system.values()];
  const services = Object.fromEntries(
    specs.flatMap((spec) => [
      ...ownerEntries(spec, options),
      [spec.name, composeService(spec, system, options)] as const,
    ]),
  );
  const secrets = names(specs, (spec) => secretVariables(spec).map((variable) => variable.secret));
  const configs = names(specs, (spec) => configVariables(spec).map((variable) => variable.config));
  const generated = specs.flatMap((spec) => spec.configFiles);
  const volumes = names(specs, (spec) => namedVolumes(spec).map((path) => path.name));
  const document = {
    name: "mistersmith",
    services,
    secrets: Object.fromEntries(secrets.map((name) => [name, { file: `./secrets/${name}` }])),
    configs: {
      ...Object.fromEntries(configs.map((name) => [name, { file: `./config/${name}` }])),
      ...Object.fromEntries(generated.map((file) => [file.source, { file: `./${baseName(file.path)}` }])),
    },
    volumes: Object.fromEntries(volumes.map((name) => [name, {}])),
  };
  return HEADER + stringify(document, { lineWidth: 0 });
}

function composeService(spec: ServiceSpec, system: SystemSpec, options: ComposeOptions): object {
  const { container } = spec.resources;
  const published = spec.ports.filter((port) => port.public);
  return {
    image: options.images[spec.name] ?? missingImage(spec),
    ...(spec.kind === "task" && { profiles: [spec.name] }),
    ...(spec.entrypoint.length > 0 && { entrypoint: spec.entrypoint }),
    ...(spec.command.length > 0 && { command: spec.command }),
    user: `${spec.user}:${spec.user}`,
    read_only: spec.readOnlyRoot,
    cap_drop: ["ALL"],
    security_opt: ["no-new-privileges:true"],
    environment: composeEnvironment(spec, system),
    ...nonEmpty("secrets", composeSecrets(spec)),
    ...nonEmpty("configs", composeConfigs(spec)),
    ...nonEmpty("tmpfs", tmpfsEntries(spec)),
    ...nonEmpty("volumes", volumeEntries(spec)),
    ...nonEmpty(
      "ports",
      published.map((port) => `${LOOPBACK}:${port.port}:${port.port}`),
    ),
    ...(spec.health?.command && { healthcheck: healthcheck(spec.health, spec.health.command) }),
    ...dependsOn(spec, system),
    mem_limit: `${container.memoryMiB}m`,
    memswap_limit: `${container.memoryMiB}m`,
    cpus: container.cpu,
    pids_limit: container.pids,
    stop_grace_period: `${spec.stopTimeoutSeconds}s`,
    ...(spec.kind === "service" && { restart: "unless-stopped" }),
    ...(spec.replicas > 1 && { scale: spec.replicas }),
    logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "3" } },
  };
}

// A variable without a value is taken from the caller's environment, and stays unset when it is not there.
function composeEnvironment(spec: ServiceSpec, system: SystemSpec): Record<string, string | null> {
  const optional = spec.env.filter(
    ({ secret, config, wiring, type }) => !secret && !config && !wiring && !["port", "path"].includes(type),
  );
  return {
    ...(spec.image ? {} : Object.fromEntries(optional.map((variable) => [variable.name, null]))),
    ...wiredEnvironment(spec, system),
    ...Object.fromEntries(
      secretVariables(spec).map((variable) => [fileVariable(variable), secretPath(variable.secret)]),
    ),
    ...Object.fromEntries(
      configVariables(spec).map((variable) => [fileVariable(variable), configPath(variable.config)]),
    ),
  };
}

function composeSecrets(spec: ServiceSpec): object[] {
  return secretVariables(spec).map(({ secret }) => ({ source: secret, target: secretPath(secret) }));
}

function composeConfigs(spec: ServiceSpec): object[] {
  return [
    ...configVariables(spec).map(({ config }) => ({ source: config, target: configPath(config) })),
    ...spec.configFiles.map((file) => ({ source: file.source, target: file.path })),
  ];
}

function tmpfsEntries(spec: ServiceSpec): string[] {
  const temporary = spec.writablePaths.filter((path) => path.kind === "tmpfs");
  return temporary.map((path) => {
    const size = path.sizeMiB === undefined ? "" : `,size=${path.sizeMiB}m`;
    return `${path.path}:mode=1777${size}`;
  });
}

function namedVolumes(spec: ServiceSpec): { name: string; path: string }[] {
  // Replicas must not share what one of them writes, so they get unnamed volumes.
  if (spec.replicas > 1) return [];
  return spec.writablePaths.flatMap(({ kind, name, path }) =>
    kind === "volume" && name !== undefined ? [{ name, path }] : [],
  );
}

function volumeEntries(spec: ServiceSpec): object[] {
  const named = namedVolumes(spec);
  return spec.writablePaths
    .filter((path) => path.kind === "volume")
    .map(({ path }) => {
      const source = named.find((volume) => volume.path === path)?.name;
      return { type: "volume", ...(source !== undefined && { source }), target: path };
    });
}

function healthcheck(health: HealthSpec, command: readonly string[]): object {
  return {
    test: ["CMD", ...command],
    interval: `${health.intervalSeconds}s`,
    timeout: `${health.timeoutSeconds}s`,
    retries: health.retries,
    start_period: `${health.startPeriodSeconds}s`,
  };
}

/** Runs once before a part that we take as it is, and gives it its volumes. */
function ownerEntries(spec: ServiceSpec, options: ComposeOptions): [string, object][] {
  const volumes = namedVolumes(spec);
  if (!needsOwner(spec)) return [];
  const service = {
    image: options.helperImage,
    entrypoint: ["chown", `${spec.user}:${spec.user}`, ...volumes.map((volume) => volume.path)],
    user: "0:0",
    read_only: true,
    cap_drop: ["ALL"],
    cap_add: ["CHOWN"],
    security_opt: ["no-new-privileges:true"],
    network_mode: "none",
    volumes: volumeEntries(spec),
  };
  return [[ownerName(spec), service]];
}

function needsOwner(spec: ServiceSpec): boolean {
  return spec.image !== undefined && namedVolumes(spec).length > 0;
}

function ownerName(spec: ServiceSpec): string {
  return `${spec.name}-volumes`;
}

// An image without a health command (NATS has no shell) can only be waited for until it runs.
function dependsOn(spec: ServiceSpec, system: SystemSpec): object {
  const conditions = spec.dependsOn.map((name): [string, object] => {
    const asked = serviceOf(system, name).health?.command !== undefined;
    return [name, { condition: asked ? "service_healthy" : "service_started" }];
  });
  if (needsOwner(spec)) conditions.push([ownerName(spec), { condition: "service_completed_successfully" }]);
  return conditions.length > 0 ? { depends_on: Object.fromEntries(conditions) } : {};
}

function names(specs: readonly ServiceSpec[], of: (spec: ServiceSpec) => string[]): string[] {
  return [...new Set(specs.flatMap(of))].sort();
}

function nonEmpty<T>(key: string, list: readonly T[]): Record<string, readonly T[]> {
  return list.length > 0 ? { [key]: list } : {};
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function missingImage(spec: ServiceSpec): never {
  throw new Error(`no image reference for ${spec.name}`);
}
