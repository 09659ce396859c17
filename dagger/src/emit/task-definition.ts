/** ECS task definitions for Fargate, as `aws ecs register-task-definition --cli-input-json` takes them. */
import { configVariables, secretVariables, wiredEnvironment } from "../spec/environment.ts";
import type { HealthSpec, PortSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

/** Where the task runs. */
export interface TaskDefinitionOptions {
  /** Image by digest. */
  image: string;
  /** AWS account, 12 digits. */
  account: string;
  region: string;
}

/** Prefix of everything that the system owns in an account. */
export const AWS_PREFIX = "mistersmith";

const OPEN_FILES = 65_536;
// A full buffer drops lines instead of blocking the service's stdout.
const LOG_BUFFER = "25m";

/** Makes the task definition of one service. Health lies here because ECS ignores that of the image. */
export function emitTaskDefinition(
  spec: ServiceSpec,
  system: SystemSpec,
  options: TaskDefinitionOptions,
): object {
  const { fargate } = spec.resources;
  const role = (kind: string) => `arn:aws:iam::${options.account}:role/${AWS_PREFIX}-${spec.name}-${kind}`;
  return {
    family: `${AWS_PREFIX}-${spec.name}`,
    requiresCompatibilities: ["FARGATE"],
    networkMode: "awsvpc",
    cpu: String(fargate.cpu),
    memory: String(fargate.memoryMiB),
    runtimePlatform: { cpuArchitecture: "X86_64", operatingSystemFamily: "LINUX" },
    executionRoleArn: role("execution"),
    taskRoleArn: role("task"),
    // Fargate has no tmpfs: every writable path is a volume that ends with the task.
    volumes: spec.writablePaths.map((path) => ({ name: volumeName(path.path) })),
    containerDefinitions: [container(spec, system, options)],
    tags: [
      { key: "project", value: AWS_PREFIX },
      { key: "component", value: spec.name },
    ],
  };
}

function container(spec: ServiceSpec, system: SystemSpec, options: TaskDefinitionOptions): object {
  return {
    name: spec.name,
    image: options.image,
    essential: true,
    entryPoint: spec.entrypoint,
    command: spec.command,
    user: `${spec.user}:${spec.user}`,
    readonlyRootFilesystem: spec.readOnlyRoot,
    memory: spec.resources.container.memoryMiB,
    portMappings: spec.ports.map(portMapping),
    environment: pairs(wiredEnvironment(spec, system)),
    secrets: secretReferences(spec, options),
    mountPoints: spec.writablePaths.map((path) => ({
      sourceVolume: volumeName(path.path),
      containerPath: path.path,
      readOnly: false,
    })),
    ...(spec.health?.command && { healthCheck: healthCheck(spec.health, spec.health.command) }),
    stopTimeout: spec.stopTimeoutSeconds,
    ulimits: [{ name: "nofile", softLimit: OPEN_FILES, hardLimit: OPEN_FILES }],
    linuxParameters: { initProcessEnabled: false, capabilities: { drop: ["ALL"] } },
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": spec.logs.group,
        "awslogs-region": options.region,
        "awslogs-stream-prefix": spec.name,
        mode: "non-blocking",
        "max-buffer-size": LOG_BUFFER,
      },
    },
  };
}

function portMapping(port: PortSpec): object {
  const application = port.protocol === "tcp" ? {} : { appProtocol: port.protocol };
  return { name: port.name, containerPort: port.port, protocol: "tcp", ...application };
}

function secretReferences(spec: ServiceSpec, options: TaskDefinitionOptions): object[] {
  const { account, region } = options;
  return [
    ...secretVariables(spec).map(({ name, secret }) => ({
      name,
      valueFrom: `arn:aws:secretsmanager:${region}:${account}:secret:${AWS_PREFIX}/${secret}`,
    })),
    ...configVariables(spec).map(({ name, config }) => ({
      name,
      valueFrom: `arn:aws:ssm:${region}:${account}:parameter/${AWS_PREFIX}/${config}`,
    })),
  ];
}

function healthCheck(health: HealthSpec, command: readonly string[]): object {
  return {
    command: ["CMD", ...command],
    // ECS takes at least 5 s.
    interval: Math.max(health.intervalSeconds, 5),
    timeout: Math.max(health.timeoutSeconds, 2),
    retries: health.retries,
    startPeriod: health.startPeriodSeconds,
  };
}

function pairs(environment: Readonly<Record<string, string>>): object[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value }));
}

function volumeName(path: string): string {
  return path.replace(/^\//, "").replaceAll("/", "-");
}
