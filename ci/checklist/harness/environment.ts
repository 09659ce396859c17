/** The environment and the mounted secrets of one container. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { configVariables, secretVariables, wiredEnvironment } from "../../../dagger/src/spec/environment.ts";
import type { ServiceSpec, SystemSpec } from "../../../dagger/src/spec/service-spec.ts";
import type { Keys } from "./keys.ts";
import { slowed } from "./slowness.ts";

/** Where secrets are inside. */
export const SECRETS_PATH = "/run/secrets";

/** What a container is given. */
export interface Provision {
  env: Record<string, string>;
  /** Directory to mount at SECRETS_PATH. */
  secretsDirectory: string;
}

const wholeSeconds = (usual: number): string => String(Math.ceil(slowed(usual)));
const DRAIN_SECONDS = wholeSeconds(5);

/** Values that the checklist sets because of its own time limits. */
export const CHECKLIST_ENV: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  supervisor: { DRAIN_TIMEOUT_SECONDS: DRAIN_SECONDS },
  "mcp-gateway": { DRAIN_TIMEOUT_SECONDS: DRAIN_SECONDS, RATE_LIMIT_PER_SECOND: "500" },
  "claude-worker": {
    DRAIN_TIMEOUT_SECONDS: DRAIN_SECONDS,
    JOB_KILL_GRACE_SECONDS: wholeSeconds(1),
    MAX_OUTPUT_BYTES: "1048576",
  },
};

/**
 * Makes the environment: what a deployment wires, the secrets as files (a part that we take as it is gets them as
 * values), and the checklist's own settings.
 */
export function provision(spec: ServiceSpec, system: SystemSpec, keys: Keys, directory: string): Provision {
  const env = { ...wiredEnvironment(spec, system), ...CHECKLIST_ENV[spec.name] };
  mkdirSync(directory, { recursive: true });
  for (const variable of [...secretVariables(spec), ...configVariables(spec)]) {
    const name = "secret" in variable && variable.secret ? variable.secret : (variable.config ?? "");
    const value = secretValue(name, keys);
    if (spec.image) {
      env[variable.name] = value;
      continue;
    }
    writeSecret(`${directory}/${name}`, value, spec.user);
    env[`${variable.name}_FILE`] = `${SECRETS_PATH}/${name}`;
  }
  return { env, secretsDirectory: directory };
}

/** Value of a secret, or of a configuration value that is made per deployment. */
export function secretValue(name: string, keys: Keys): string {
  const role = /^nats-(.+)-seed$/.exec(name)?.[1];
  if (role !== undefined) return keys.nats[role]?.seed ?? "";
  const values: Readonly<Record<string, string>> = {
    "database-url": `postgres://mistersmith:${keys.postgresPassword}@postgres:5432/mistersmith`,
    "postgres-password": keys.postgresPassword,
    "mcp-signing-key": keys.signingKeyPem,
    "mcp-public-keys": keys.publicKeySet,
    "anthropic-api-key": keys.anthropicApiKey,
  };
  const value = values[name];
  if (value === undefined) throw new Error(`the checklist has no value for ${name}`);
  return value;
}

function writeSecret(file: string, value: string, owner: number): void {
  writeFileSync(file, value);
  chownSync(file, owner, owner);
  chmodSync(file, 0o400);
}
