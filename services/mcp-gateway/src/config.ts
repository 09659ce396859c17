// The only reader of the environment. Names, types, defaults and bounds come from service.yaml.
import { readFileSync } from "node:fs";
import { serviceSpec } from "./assets.ts";
import type { Variable } from "./assets-types.ts";
import { describe } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Value = string | number | undefined;

/** The settings of the gateway; units are those that service.yaml states. */
export interface Config {
  readonly natsUrl: string;
  readonly natsNkeySeed: string | undefined;
  readonly publicKeys: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly rateLimitPerSecond: number;
  readonly maxCallsPerToken: number;
  readonly subscriberQueueLimit: number;
  readonly requestTimeoutMs: number;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: string;
}

/** Bad settings: every fault at once, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}

/**
 * Reads all settings.
 * @throws ConfigError with every fault, not only the first.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const faults: string[] = [];
  const values = new Map(serviceSpec.env.map((v) => [v.name, readVariable(v, environment, faults)]));
  const keys = values.get("MCP_PUBLIC_KEYS");
  if (typeof keys === "string") checkKeySet(keys, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return toConfig(values);
}

/** Reads the HTTP port alone: the health command must not depend on the other settings. */
export function loadHttpPort(environment: Environment = process.env): number {
  const faults: string[] = [];
  const variable = serviceSpec.env.find((v) => v.name === "HTTP_PORT");
  const port = variable && readVariable(variable, environment, faults);
  if (typeof port !== "number") throw new ConfigError(faults);
  return port;
}

/** What `config --json` prints: the table of variables with resolved defaults. */
export function configTable(): object[] {
  return serviceSpec.env.map((v) => ({
    name: v.name,
    type: v.type,
    default: defaultOf(v) ?? null,
    required: v.required ?? false,
    secret: v.secret !== undefined,
    meaning: v.meaning,
  }));
}

function toConfig(values: ReadonlyMap<string, Value>): Config {
  const number = (name: string) => values.get(name) as number;
  const text = (name: string) => values.get(name) as string;
  return {
    natsUrl: text("NATS_URL"),
    natsNkeySeed: values.get("NATS_NKEY_SEED") as string | undefined,
    publicKeys: text("MCP_PUBLIC_KEYS"),
    allowedHosts: list(text("ALLOWED_HOSTS")),
    allowedOrigins: list(text("ALLOWED_ORIGINS")),
    maxBodyBytes: number("MAX_BODY_BYTES"),
    maxConnections: number("MAX_CONNECTIONS"),
    maxConnectionsPerAddress: number("MAX_CONNECTIONS_PER_ADDRESS"),
    rateLimitPerSecond: number("RATE_LIMIT_PER_SECOND"),
    maxCallsPerToken: number("MAX_CALLS_AT_ONCE"),
    subscriberQueueLimit: number("SUBSCRIBER_QUEUE_LIMIT"),
    requestTimeoutMs: number("REQUEST_TIMEOUT_SECONDS") * 1000,
    httpPort: number("HTTP_PORT"),
    grpcPort: number("GRPC_PORT"),
    drainTimeoutMs: number("DRAIN_TIMEOUT_SECONDS") * 1000,
    logLevel: text("LOG_LEVEL"),
  };
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== "");
}

function readVariable(variable: Variable, environment: Environment, faults: string[]): Value {
  const text = readText(variable, environment, faults);
  if (text === null) return undefined;
  if (text === undefined) {
    const fallback = defaultOf(variable);
    if (fallback === undefined && variable.required) {
      faults.push(describe("MS-CONF-002", `${variable.name} is not set`));
    }
    return fallback;
  }
  const result = parse(variable, text);
  if ("value" in result) return result.value;
  const shown = variable.secret === undefined && variable.file !== true ? `=${text.slice(0, 80)}` : "";
  faults.push(describe("MS-CONF-001", `${variable.name}${shown} ${result.fault}`));
  return undefined;
}

/** The text given; undefined when there is none, null when it could not be read. */
function readText(variable: Variable, environment: Environment, faults: string[]): string | undefined | null {
  const plain = environment[variable.name] || undefined;
  const fileName = `${variable.name}_FILE`;
  const path = variable.secret || variable.file ? environment[fileName] || undefined : undefined;
  if (path === undefined) return plain;
  if (plain !== undefined) {
    faults.push(describe("MS-CONF-001", `${variable.name} and ${fileName} are both set`));
    return null;
  }
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    faults.push(describe("MS-CONF-003", `${fileName}=${path} (${reason})`));
    return null;
  }
}

function defaultOf(variable: Variable): Value {
  const fallback = variable.default;
  if (typeof fallback !== "string") return fallback;
  const port = /^\$\{port\.([a-z0-9-]+)\}$/.exec(fallback)?.[1];
  return port === undefined ? fallback : serviceSpec.ports.find((entry) => entry.name === port)?.port;
}

type Parsed = { value: string | number } | { fault: string };

function parse(variable: Variable, text: string): Parsed {
  switch (variable.type) {
    case "string":
      return { value: text };
    case "url":
      return URL.canParse(text) ? { value: text } : { fault: "is not a URL" };
    case "enum":
      return variable.values?.includes(text)
        ? { value: text }
        : { fault: `is not one of ${variable.values?.join(", ")}` };
    case "integer":
      return /^[+-]?\d+$/.test(text) ? bounded(variable, Number(text)) : { fault: "is not a whole number" };
    case "port":
      return /^\d+$/.test(text)
        ? bounded({ ...variable, min: variable.min ?? 1, max: variable.max ?? 65535 }, Number(text))
        : { fault: "is not a port" };
    case "number":
      return Number.isFinite(Number(text)) ? bounded(variable, Number(text)) : { fault: "is not a number" };
  }
}

function bounded(variable: Pick<Variable, "min" | "max">, value: number): Parsed {
  if (variable.min !== undefined && value < variable.min) return { fault: `is below ${variable.min}` };
  if (variable.max !== undefined && value > variable.max) return { fault: `is above ${variable.max}` };
  return { value };
}

function checkKeySet(text: string, faults: string[]): void {
  try {
    const keys: unknown = JSON.parse(text).keys;
    const usable = (key: { kty?: unknown; crv?: unknown; d?: unknown }) =>
      key.kty === "OKP" && key.crv === "Ed25519" && key.d === undefined;
    if (Array.isArray(keys) && keys.length > 0 && keys.every(usable)) return;
  } catch {
    // The same fault is reported for text that is not JSON at all.
  }
  const what = "is not a JSON Web Key Set of Ed25519 public keys";
  faults.push(describe("MS-CONF-001", `MCP_PUBLIC_KEYS ${what}`));
}
