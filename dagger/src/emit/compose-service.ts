/** One service of the compose file, with the limits and rights that its spec names. */
import { configVariables, secretVariables, wiredEnvironment } from "../spec/environment.ts";
import type { HealthSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { ownHelpers, readiness } from "./compose-helpers.ts";
import { networksOf } from "./compose-networks.ts";
import { limitEntries, logEntry, NO_RIGHTS, userEntry } from "./compose-rights.ts";
import { passedVariables, publishedPort, replicas } from "./compose-settings.ts";
import { tmpfsEntries, volumeEntries } from "./compose-volumes.ts";
import { configPath, fileVariable, secretPath } from "./deployment-files.ts";

/** Makes the entry of one service. */
export function composeService(
  spec: ServiceSpec,
  system: SystemSpec,
  image: string,
  profile: { profiles?: string[] },
): object {
  const { container } = spec.resources;
  const published = spec.ports.filter((port) => port.public);
  return {
    image,
    ...profile,
    // Only a command of a person needs an init; the services are their own first process.
    ...(spec.kind === "task" && { init: true }),
    ...(spec.entrypoint.length > 0 && { entrypoint: spec.entrypoint }),
    ...(spec.command.length > 0 && { command: spec.command }),
    user: userEntry(spec.user),
    read_only: spec.readOnlyRoot,
    ...NO_RIGHTS,
    environment: composeEnvironment(spec, system),
    ...nonEmpty("secrets", composeSecrets(spec)),
    ...nonEmpty("configs", composeConfigs(spec)),
    ...nonEmpty("tmpfs", tmpfsEntries(spec)),
    ...nonEmpty("volumes", volumeEntries(spec)),
    ...networks(spec, system),
    ...nonEmpty(
      "ports",
      published.map((port) => publishedPort(spec, port)),
    ),
    ...(spec.health?.command && { healthcheck: healthcheck(spec.health, spec.health.command) }),
    ...dependsOn(spec, system),
    ...limitEntries(container.memoryMiB, container.cpu, container.pids),
    stop_grace_period: `${spec.stopTimeoutSeconds}s`,
    ...(spec.kind === "service" && { restart: "unless-stopped" }),
    ...replicas(spec),
    logging: logEntry(10, 3),
  };
}

function composeEnvironment(spec: ServiceSpec, system: SystemSpec): Record<string, string | null> {
  return {
    ...Object.fromEntries(passedVariables(spec).map((variable) => [variable.name, null])),
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

function networks(spec: ServiceSpec, system: SystemSpec): object {
  const names = networksOf(spec, system);
  return names.length > 0 ? { networks: names } : { network_mode: "none" };
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

function dependsOn(spec: ServiceSpec, system: SystemSpec): object {
  const conditions = Object.assign(
    {},
    ...spec.dependsOn.map((name) => readiness(serviceOf(system, name))),
    ownHelpers(spec),
  ) as Record<string, object>;
  return Object.keys(conditions).length > 0 ? { depends_on: conditions } : {};
}

function nonEmpty<T>(key: string, list: readonly T[]): Record<string, readonly T[]> {
  return list.length > 0 ? { [key]: list } : {};
}
