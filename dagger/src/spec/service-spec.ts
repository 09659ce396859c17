/** What a service is: the shape of `services/<name>/service.yaml` and of an entry of `services/platform.yaml`. */

/** How a value of the environment is checked by the program that reads it. */
export type EnvType = "string" | "integer" | "number" | "boolean" | "url" | "path" | "port" | "enum";

/** One environment variable. `default` is what the program assumes, `wiring` what a deployment passes. */
export interface EnvSpec {
  name: string;
  type: EnvType;
  meaning: string;
  required: boolean;
  /** The value may also come as NAME_FILE. */
  file: boolean;
  default?: string;
  wiring?: string;
  /** Name of the secret that holds the value. */
  secret?: string;
  /** Name of the configuration value (not secret) that is made per deployment. */
  config?: string;
  /** Port that the address in this variable leads to, for a secret address: `${SERVICE.port.NAME}`. */
  reaches?: string;
  /** What a deployment on ECS passes. */
  ecs?: string;
  values?: string[];
  min?: number;
  max?: number;
}

/** One port that the service listens on. */
export interface PortSpec {
  name: string;
  port: number;
  protocol: "http" | "grpc" | "tcp";
  /** Reached from outside of the system. */
  public: boolean;
  meaning: string;
}

/** How health is asked: a command inside the container, a path on a port, or both. Times in seconds. */
export interface HealthSpec {
  command?: string[];
  path?: string;
  port?: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  retries: number;
  startPeriodSeconds: number;
  /** Asks whether the program lives, whatever its dependencies do: for whoever ends a container that fails it. */
  liveCommand?: string[];
  /** The same on the port, for a program without a command. */
  livePath?: string;
}

/** A path that stays writable under a read-only root. */
export interface WritablePath {
  path: string;
  kind: "volume" | "tmpfs";
  meaning: string;
  /** Name of the volume; only with kind volume. */
  name?: string;
  sizeMiB?: number;
}

/** A file that is generated for the service. */
export interface ConfigFile {
  path: string;
  /** Name of the emitter that makes it. */
  source: string;
}

/** Limits of a container; `cpu` in cores. */
export interface ContainerLimits {
  memoryMiB: number;
  cpu: number;
  pids: number;
}

/** Size of a Fargate task; `cpu` in units of 1/1024 core. */
export interface FargateSize {
  cpu: number;
  memoryMiB: number;
}

/** Numbers that the checklist compares with what it measures. */
export interface Budgets {
  imageBytes: Budget;
  readyMs?: Budget;
  memoryMiB?: Budget;
}

/** What we aim for, and what must not be exceeded. */
export interface Budget {
  goal: number;
  limit: number;
}

/** Limits of the message system's storage. */
export interface JetstreamLimits {
  maxMemoryMiB: number;
  maxFileGiB: number;
  maxPayloadKiB: number;
}

/** Servers of a part that runs several times and keeps data, and the port on which they talk to each other. */
export interface ClusterSpec {
  servers: number;
  port: number;
}

/** How many replicas follow the work; jobs per replica is what is aimed for. */
export interface ScalingSpec {
  min: number;
  max: number;
  jobsPerReplica: number;
  /** Replicas above the minimum may be taken away with two minutes' notice. */
  spot: boolean;
}

/** A service, ours or taken as it is. */
export interface ServiceSpec {
  name: string;
  description: string;
  /** Repository of an image that we build. */
  repository?: string;
  /** Key of `images` in ci/versions.json, for a part that we take as it is. */
  image?: string;
  /** `task` is started for one command and has no health. */
  kind: "service" | "task";
  entrypoint: string[];
  command: string[];
  user: number;
  readOnlyRoot: boolean;
  ports: PortSpec[];
  health?: HealthSpec;
  writablePaths: WritablePath[];
  configFiles: ConfigFile[];
  resources: { container: ContainerLimits; fargate: FargateSize };
  jetstream?: JetstreamLimits;
  /** On ECS only; one machine runs one server. */
  cluster?: ClusterSpec;
  stopTimeoutSeconds: number;
  replicas: number;
  scaling?: ScalingSpec;
  /** `replace` ends the old task before the new one starts. */
  rollout: "roll" | "replace";
  dependsOn: string[];
  /** Ports of other services that it connects to beside those that its variables name: `${SERVICE.port.NAME}`. */
  reaches: string[];
  /** Reaches addresses outside of the system, for example the Messages API. */
  egress: boolean;
  logs: { group: string; retentionDays: number };
  budgets?: Budgets;
  env: EnvSpec[];
}

/** Every service of the system, by name, each after what it depends on. */
export type SystemSpec = ReadonlyMap<string, ServiceSpec>;

/** Finds a service that is known to be there; a mistyped name is a fault of the caller. */
export function serviceOf(system: SystemSpec, name: string): ServiceSpec {
  const spec = system.get(name);
  if (!spec) throw new Error(`no service ${name}; there are ${[...system.keys()].join(", ")}`);
  return spec;
}

/** Repository of an image; one that we do not publish goes by the name of its service. */
export function repositoryOf({ repository, name }: Pick<ServiceSpec, "repository" | "name">): string {
  return repository ?? name;
}

/** Finds a port by its name. */
export function portOf(spec: ServiceSpec, name: string): PortSpec {
  const port = spec.ports.find((candidate) => candidate.name === name);
  if (!port) throw new Error(`${spec.name} has no port ${name}`);
  return port;
}
