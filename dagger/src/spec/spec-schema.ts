/** The shape of a spec file, key by key; what its values mean together is checked in check-spec.ts. */
import { z } from "zod";

const name = z.string().regex(/^[a-z][a-z0-9-]*$/, "takes lower-case letters, digits and dashes");
const text = z.string().min(1);
const positive = z.number().positive();
const whole = z.int().positive();
const absolutePath = z.string().regex(/^\/\S*$/, "takes an absolute path");

const port = z.strictObject({
  name,
  port: z.int().min(1).max(65535),
  protocol: z.enum(["http", "grpc", "tcp"]),
  public: z.boolean().default(false),
  meaning: text,
});

const health = z.strictObject({
  command: z.array(text).min(1).optional(),
  path: absolutePath.optional(),
  port: name.optional(),
  // The bounds are those of ECS.
  intervalSeconds: z.int().min(5).max(300),
  timeoutSeconds: z.int().min(2).max(60),
  retries: z.int().min(1).max(10),
  startPeriodSeconds: z.int().min(0).max(300),
  liveCommand: z.array(text).min(1).optional(),
  livePath: absolutePath.optional(),
});

const writablePath = z.strictObject({
  path: absolutePath,
  kind: z.enum(["volume", "tmpfs"]),
  name: name.optional(),
  sizeMiB: whole.optional(),
  meaning: text,
});

const resources = z.strictObject({
  container: z.strictObject({ memoryMiB: whole, cpu: positive, pids: whole }),
  fargate: z.strictObject({ cpu: whole, memoryMiB: whole }),
});

const scaling = z.strictObject({
  min: whole,
  max: whole,
  jobsPerReplica: positive,
  spot: z.boolean().default(false),
});

const budget = z.strictObject({ goal: positive, limit: positive });

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const env = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/, "takes capitals, digits and underscores"),
  type: z.enum(["string", "integer", "number", "boolean", "url", "path", "port", "enum"]),
  meaning: text,
  required: z.boolean().default(false),
  file: z.boolean().default(false),
  default: scalar.optional(),
  wiring: text.optional(),
  secret: name.optional(),
  config: name.optional(),
  reaches: text.optional(),
  ecs: text.optional(),
  values: z.array(text).min(1).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

const common = {
  name,
  description: text,
  command: z.array(text),
  user: z.int().min(1, "must not be root"),
  readOnlyRoot: z.boolean(),
  ports: z.array(port),
  health: health.optional(),
  writablePaths: z.array(writablePath).default([]),
  configFiles: z.array(z.strictObject({ path: absolutePath, source: name })).default([]),
  resources,
  stopTimeoutSeconds: z.int().min(1).max(120),
  replicas: z.int().min(0),
  rollout: z.enum(["roll", "replace"]).default("roll"),
  dependsOn: z.array(name).default([]),
  reaches: z.array(text).default([]),
  egress: z.boolean().default(false),
  logs: z.strictObject({ group: absolutePath, retentionDays: whole }),
  env: z.array(env),
};

/** One `services/<name>/service.yaml`. */
export const ownServiceSchema = z.strictObject({
  ...common,
  repository: z.string().regex(/^[a-z0-9/_-]+$/, "takes the name of a repository"),
  kind: z.enum(["service", "task"]).default("service"),
  entrypoint: z.array(text).min(1),
  scaling: scaling.optional(),
  budgets: z.strictObject({
    imageBytes: budget,
    readyMs: budget.optional(),
    memoryMiB: budget.optional(),
  }),
});

/** `services/platform.yaml`. */
export const platformSchema = z.strictObject({
  services: z.array(
    z.strictObject({
      ...common,
      image: name,
      jetstream: z.strictObject({ maxMemoryMiB: whole, maxFileGiB: whole, maxPayloadKiB: whole }).optional(),
      cluster: z.strictObject({ servers: whole, port: z.int().min(1).max(65535) }).optional(),
    }),
  ),
});
