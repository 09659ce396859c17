/** The directory that Docker Compose runs from: made once with new keys, brought up to date ever after. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  composeFiles,
  type DeploymentFile,
  NATS_PUBLIC_KEYS_FILE,
} from "../../dagger/src/deployment/compose-files.ts";
import {
  createDeploymentKeys,
  createOperatorToken,
  type DeploymentKeys,
} from "../../dagger/src/deployment/deployment-keys.ts";
import type { NatsPermissions } from "../../dagger/src/emit/nats-conf.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import { StackError } from "./stack-error.ts";

const API_KEY = "anthropic-api-key";
const SIGNING_KEY = "mcp-signing-key";
/** Only the owner and root, who mounts the files, get in. */
const PRIVATE_DIRECTORY = 0o700;

/** What a stack is made of. */
export interface StackPlan {
  /** With what the profile `observability` adds. */
  system: SystemSpec;
  /** Names of the services of that profile. */
  observability: readonly string[];
  permissions: NatsPermissions;
  /** Image reference of each service, by its name. */
  images: Readonly<Record<string, string>>;
  /** Image with `chown` and `curl`. */
  helperImage: string;
  anthropicApiKey: string;
}

/** What was written. */
export interface WrittenStack {
  /** Token of an operator, valid for a day. */
  token: string;
  /** Files that containers mount are not what they were: who runs must start anew to see them. */
  mountsChanged: boolean;
}

/**
 * Writes all files. Keys that are there stay: the data in the volumes belongs to them.
 *
 * @throws StackError MS-STACK-007 when keys are there but not all that the specs name
 */
export function writeStack(directory: string, plan: StackPlan): WrittenStack {
  const fresh = createDeploymentKeys(plan.system, Object.keys(plan.permissions.roles), plan.anthropicApiKey);
  const keys = existsSync(`${directory}/${NATS_PUBLIC_KEYS_FILE}`)
    ? keptKeys(directory, fresh, plan.anthropicApiKey)
    : fresh;
  mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  mkdirSync(`${directory}/secrets`, { recursive: true, mode: PRIVATE_DIRECTORY });
  const changed = composeFiles(plan.system, plan.permissions, keys, plan).filter((file) =>
    writeChanged(directory, file),
  );
  return {
    token: keys.operatorToken,
    mountsChanged: changed.some(({ path }) => /^(secrets|config)\/|^nats\.conf$/.test(path)),
  };
}

/** Writes a file unless it is there with this content; tells whether another content was there. */
function writeChanged(directory: string, { path, content, mode }: DeploymentFile): boolean {
  const file = `${directory}/${path}`;
  const there = existsSync(file);
  if (there && readFileSync(file, "utf8") === content) return false;
  mkdirSync(dirname(file), { recursive: true });
  // Without write permission even its owner cannot change a file, only make it anew.
  rmSync(file, { force: true });
  writeFileSync(file, content);
  chmodSync(file, mode);
  return there;
}

function keptKeys(directory: string, fresh: DeploymentKeys, anthropicApiKey: string): DeploymentKeys {
  const secrets = readAll(`${directory}/secrets`, Object.keys(fresh.secrets));
  const file = `${directory}/${NATS_PUBLIC_KEYS_FILE}`;
  const natsPublicKeys = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const unknown = Object.keys(fresh.natsPublicKeys).filter((role) => !(role in natsPublicKeys));
  if (unknown.length > 0) throw new StackError("MS-STACK-007", `${file} has no key of ${unknown.join(", ")}`);
  return {
    secrets: { ...secrets, [API_KEY]: anthropicApiKey },
    config: readAll(`${directory}/config`, Object.keys(fresh.config)),
    natsPublicKeys,
    operatorToken: createOperatorToken(secrets[SIGNING_KEY] ?? ""),
  };
}

function readAll(directory: string, names: readonly string[]): Record<string, string> {
  const there = existsSync(directory) ? readdirSync(directory) : [];
  const missing = names.filter((name) => !there.includes(name));
  if (missing.length > 0) throw new StackError("MS-STACK-007", `${directory} has no ${missing.join(", ")}`);
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${directory}/${name}`, "utf8")]));
}
