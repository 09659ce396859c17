/** The parts of a container definition. */
import { dirname } from "node:path/posix";
import { configVariables, ecsEnvironment, secretVariables } from "../../spec/environment.ts";
import type { HealthSpec, PortSpec, ServiceSpec, SystemSpec } from "../../spec/service-spec.ts";
import type { TaskPlace, Value } from "./task-place.ts";

const OPEN_FILES = 65_536;
// A full buffer drops lines instead of blocking the service's stdout.
const LOG_MODE = "non-blocking";
const LOG_BUFFER = "25m";

/** How every container of the system writes its log. */
export const LOG_DELIVERY = { driver: "awslogs", mode: LOG_MODE, buffer: LOG_BUFFER } as const;

/** A variable and where its value is kept. */
export interface SecretReference {
  name: string;
  valueFrom: Value;
}

/** What no container of the system goes without: no capability, a read-only root, a limit of open files, a log. */
export function guardedContainer(spec: ServiceSpec, place: TaskPlace, stream: string): object {
  return {
    user: `${spec.user}:${spec.user}`,
    readonlyRootFilesystem: spec.readOnlyRoot,
    ulimits: [{ name: "nofile", softLimit: OPEN_FILES, hardLimit: OPEN_FILES }],
    linuxParameters: { initProcessEnabled: false, capabilities: { drop: ["ALL"] } },
    logConfiguration: logConfiguration(spec, place, stream),
  };
}

/** The container of a service. */
export function serviceContainer(spec: ServiceSpec, system: SystemSpec, place: TaskPlace): object {
  return {
    name: spec.name,
    image: place.image(spec.name),
    essential: true,
    ...(spec.entrypoint.length > 0 && { entryPoint: spec.entrypoint }),
    command: spec.command,
    memory: spec.resources.container.memoryMiB,
    portMappings: spec.ports.map(portMapping),
    environment: pairs(ecsEnvironment(spec, system, place.hosts, place.deployment), place),
    secrets: secretReferences(spec, place),
    mountPoints: spec.writablePaths.map(({ path }) => mountPoint(volumeName(path), path)),
    ...healthCheck(spec.health),
    stopTimeout: spec.stopTimeoutSeconds,
    ...guardedContainer(spec, place, spec.name),
  };
}

/** Variables whose values ECS fetches when the task starts. */
export function secretReferences(spec: ServiceSpec, place: TaskPlace): SecretReference[] {
  return [
    ...secretVariables(spec).map(({ name, secret }) => ({ name, valueFrom: place.secret(secret) })),
    ...configVariables(spec).map(({ name, config }) => ({ name, valueFrom: place.config(config) })),
  ];
}

/** Plain variables. */
export function pairs(environment: Readonly<Record<string, string>>, place: TaskPlace): object[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value: place.text(value) }));
}

/** A port; its application protocol lets other services of ECS speak it. */
export function portMapping(port: PortSpec): object {
  const application = port.protocol === "tcp" ? {} : { appProtocol: port.protocol };
  return { name: port.name, containerPort: port.port, protocol: "tcp", ...application };
}

/** Health lies in the task definition because ECS ignores that of the image. */
export function healthCheck(health: HealthSpec | undefined, command = liveCommand(health)): object {
  if (!health || !command) return {};
  const { intervalSeconds, timeoutSeconds, retries, startPeriodSeconds } = health;
  const times = { interval: intervalSeconds, timeout: timeoutSeconds, startPeriod: startPeriodSeconds };
  return { healthCheck: { command: ["CMD", ...command], ...times, retries } };
}

/**
 * ECS replaces a task that is unhealthy. So it asks whether the program lives and not whether it is ready: a database
 * that is away for a minute must not end every task, and the work in it, on top.
 */
export function liveCommand(health: HealthSpec | undefined): readonly string[] | undefined {
  return health?.liveCommand ?? health?.command;
}

/** Mounts a volume of the task. */
export function mountPoint(sourceVolume: string, containerPath: string, readOnly = false): object {
  return { sourceVolume, containerPath, readOnly };
}

/** Name of the volume for a path. */
export function volumeName(path: string): string {
  return path.replace(/^\//, "").replaceAll("/", "-");
}

/** Directory and name of a generated file. */
export function fileParts(path: string): { directory: string; name: string } {
  const directory = dirname(path);
  return { directory, name: path.slice(directory.length + 1) };
}

function logConfiguration(spec: ServiceSpec, place: TaskPlace, stream: string): object {
  return {
    logDriver: LOG_DELIVERY.driver,
    options: {
      "awslogs-group": spec.logs.group,
      "awslogs-region": place.region,
      "awslogs-stream-prefix": stream,
      mode: LOG_DELIVERY.mode,
      "max-buffer-size": LOG_DELIVERY.buffer,
    },
  };
}
