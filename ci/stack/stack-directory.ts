/** The directory that Docker Compose runs from: made once with new keys, brought up to date ever after. */
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import {
  COMPOSE_FILE,
  composeFiles,
  NATS_PUBLIC_KEYS_FILE,
  OPERATOR_TOKEN_FILE,
} from "../../dagger/src/deployment/compose-files.ts";
import { createDeploymentKeys } from "../../dagger/src/deployment/deployment-keys.ts";
import type { NatsPermissions } from "../../dagger/src/emit/nats-conf.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import { DEMO_BUNDLE, DEMO_FILE } from "./demo.ts";
import { makePrivate, RECREATE, writeFiles } from "./stack-files.ts";
import { keptKeys, keysFingerprint } from "./stack-keys.ts";

/** Directory of the images that the pipeline exported. */
export const IMAGES = "images";

/** All that is ever written; the settings of the person, `.env`, are theirs. */
const ENTRIES = [
  COMPOSE_FILE,
  ".env.example",
  "nats.conf",
  "prometheus.yml",
  OPERATOR_TOKEN_FILE,
  "secrets",
  "config",
  DEMO_FILE,
  DEMO_BUNDLE,
  RECREATE,
  IMAGES,
  NATS_PUBLIC_KEYS_FILE,
] as const;

/** What a stack is made of. */
export interface StackPlan {
  /** Name of the compose project. */
  project: string;
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

/**
 * Writes all files. Keys that are there stay: the data in the volumes belongs to them.
 *
 * @returns token of an operator, valid for a day
 * @throws StackError MS-STACK-007 when keys are there but not all that the specs name, MS-STACK-015
 */
export function writeStack(directory: string, plan: StackPlan): string {
  const fresh = createDeploymentKeys(plan.system, Object.keys(plan.permissions.roles), plan.anthropicApiKey);
  const isNew = keysFingerprint(directory) === undefined;
  const keys = isNew ? fresh : keptKeys(directory, fresh, plan.anthropicApiKey);
  makePrivate(directory);
  makePrivate(`${directory}/secrets`);
  writeFiles(directory, composeFiles(plan.system, plan.permissions, keys, plan));
  return keys.operatorToken;
}

/** Removes what was written, and the directory when nothing else is in it: STACK_DIR may be any. */
export function removeStack(directory: string): void {
  for (const name of ENTRIES) rmSync(`${directory}/${name}`, { recursive: true, force: true });
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}
