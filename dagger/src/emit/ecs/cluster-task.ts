/**
 * The task of one server of a cluster whose image we take as it is. Such an image holds no configuration and no
 * shell, so two containers of the operator's image help: one writes the configuration before the server starts,
 * one asks for its health.
 */
import type { ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import { portOf, serviceOf } from "../../spec/service-spec.ts";
import { emitNatsConf, type NatsPermissions, nkeyVariable, publicKeyName } from "../nats-conf.ts";
import { AWS_PREFIX, resourceTags } from "./resource-tags.ts";
import {
  fileParts,
  guardedContainer,
  healthCheck,
  mountPoint,
  pairs,
  serviceContainer,
  volumeName,
} from "./task-container.ts";
import { taskFrame } from "./task-definition.ts";
import { nodeNames, type TaskPlace } from "./task-place.ts";

/** Service whose image has a shell and curl. */
export const HELPER_SERVICE = "tools";

const CONF_VARIABLE = "NATS_CONF";
const CONF_VOLUME = "configuration";
const CONF_CONTAINER = "configuration";
const HEALTH_CONTAINER = "health";

/** Makes the task definition of one server. */
export function emitClusterTask(
  spec: ServiceSpec,
  system: SystemSpec,
  place: TaskPlace,
  permissions: NatsPermissions,
  node: string,
): object {
  return {
    ...taskFrame(spec, place, node),
    volumes: [
      ...spec.writablePaths.map(({ path }) => ({ name: volumeName(path), ...efsVolume(place, node) })),
      { name: CONF_VOLUME },
    ],
    containerDefinitions: [
      confContainer(spec, system, place, clusterConf(spec, place, permissions)),
      serverContainer(spec, system, place, permissions, node),
      healthContainer(spec, system, place),
    ],
    tags: resourceTags(node, place.text(place.deployment.environment)),
  };
}

/** Configuration of every server: they differ in their name only, which comes from the environment. */
export function clusterConf(spec: ServiceSpec, place: TaskPlace, permissions: NatsPermissions): string {
  const keys = Object.keys(permissions.roles).map((role) => [role, `$${nkeyVariable(role)}`]);
  const servers = nodeNames(spec.name, spec.cluster?.servers ?? 1);
  const hosts = servers.map((node) => place.hosts[node] ?? node);
  return emitNatsConf(spec, permissions, Object.fromEntries(keys), { name: AWS_PREFIX, hosts });
}

function efsVolume(place: TaskPlace, node: string): object {
  const { fileSystem, accessPoint } = place.storage(node);
  return {
    efsVolumeConfiguration: {
      fileSystemId: fileSystem,
      // The directory of the access point.
      rootDirectory: "/",
      transitEncryption: "ENABLED",
      authorizationConfig: { accessPointId: accessPoint, iam: "ENABLED" },
    },
  };
}

function serverContainer(
  spec: ServiceSpec,
  system: SystemSpec,
  place: TaskPlace,
  permissions: NatsPermissions,
  node: string,
): object {
  const container = serviceContainer(spec, system, place) as {
    portMappings: object[];
    mountPoints: object[];
  };
  const { directory } = fileParts(confPath(spec));
  const routes = { name: "cluster", containerPort: spec.cluster?.port, protocol: "tcp" };
  return {
    ...container,
    portMappings: [...container.portMappings, routes],
    environment: pairs({ NATS_SERVER_NAME: node }, place),
    secrets: Object.keys(permissions.roles).map((role) => ({
      name: nkeyVariable(role),
      valueFrom: place.config(publicKeyName(role)),
    })),
    mountPoints: [...container.mountPoints, mountPoint(CONF_VOLUME, directory, true)],
    dependsOn: [{ containerName: CONF_CONTAINER, condition: "SUCCESS" }],
  };
}

function confContainer(spec: ServiceSpec, system: SystemSpec, place: TaskPlace, conf: string): object {
  const helper = serviceOf(system, HELPER_SERVICE);
  const { name } = fileParts(confPath(spec));
  const [scratch = { path: "/tmp" }] = helper.writablePaths;
  return {
    name: CONF_CONTAINER,
    image: place.image(HELPER_SERVICE),
    essential: false,
    entryPoint: ["/bin/sh", "-c"],
    command: [`printf '%s' "$${CONF_VARIABLE}" > ${scratch.path}/${name}`],
    environment: pairs({ [CONF_VARIABLE]: conf }, place),
    // The operator's image owns this path, so what ECS puts there can be written without root.
    mountPoints: [mountPoint(CONF_VOLUME, scratch.path)],
    ...guardedContainer({ ...helper, logs: spec.logs }, place, CONF_CONTAINER),
  };
}

function healthContainer(spec: ServiceSpec, system: SystemSpec, place: TaskPlace): object {
  const helper = serviceOf(system, HELPER_SERVICE);
  return {
    name: HEALTH_CONTAINER,
    image: place.image(HELPER_SERVICE),
    essential: true,
    entryPoint: ["/bin/sleep", "infinity"],
    ...healthCheck(spec.health, [
      "/usr/bin/curl",
      "--fail",
      "--silent",
      "--output",
      "/dev/null",
      healthUrl(spec),
    ]),
    dependsOn: [{ containerName: spec.name, condition: "START" }],
    stopTimeout: spec.stopTimeoutSeconds,
    ...guardedContainer({ ...helper, logs: spec.logs }, place, HEALTH_CONTAINER),
    // sleep as first process would ignore SIGTERM until it is killed.
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
  };
}

function healthUrl(spec: ServiceSpec): string {
  const { health } = spec;
  if (!health?.port) throw new Error(`${spec.name} has no port for its health`);
  return `http://127.0.0.1:${portOf(spec, health.port).port}${health.livePath ?? health.path ?? "/"}`;
}

function confPath(spec: ServiceSpec): string {
  const file = spec.configFiles.find(({ source }) => source === "nats-conf");
  if (!file) throw new Error(`${spec.name} asks for no configuration`);
  return file.path;
}
