/** The keys of a stack: made once, kept with the data that belongs to them. */
import { createHash } from "node:crypto";
import { NATS_PUBLIC_KEYS_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { createOperatorToken, type DeploymentKeys } from "../../dagger/src/deployment/deployment-keys.ts";
import { StackError } from "./stack-error.ts";
import { readStackFile } from "./stack-files.ts";

const API_KEY = "anthropic-api-key";
const SIGNING_KEY = "mcp-signing-key";
const FINGERPRINT_LENGTH = 16;

/**
 * What tells the keys of one stack from those of another; it is made from public keys alone.
 *
 * @returns undefined when the directory has no keys
 */
export function keysFingerprint(directory: string): string | undefined {
  const publicKeys = publicKeysOf(`${directory}/${NATS_PUBLIC_KEYS_FILE}`);
  if (publicKeys === undefined) return undefined;
  const entries = Object.entries(publicKeys).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, FINGERPRINT_LENGTH);
}

/**
 * The keys that a directory has, with the key of the Messages API taken anew and a new token.
 *
 * @param fresh new keys, for the names of what there has to be
 * @throws StackError MS-STACK-007 when a key is missing, empty or no key
 */
export function keptKeys(directory: string, fresh: DeploymentKeys, anthropicApiKey: string): DeploymentKeys {
  const secrets = readAll(`${directory}/secrets`, Object.keys(fresh.secrets));
  const file = `${directory}/${NATS_PUBLIC_KEYS_FILE}`;
  const natsPublicKeys = publicKeysOf(file) ?? {};
  const unknown = Object.keys(fresh.natsPublicKeys).filter((role) => !(role in natsPublicKeys));
  if (unknown.length > 0) throw new StackError("MS-STACK-007", `${file} has no key of ${unknown.join(", ")}`);
  return {
    secrets: { ...secrets, [API_KEY]: anthropicApiKey },
    config: readAll(`${directory}/config`, Object.keys(fresh.config)),
    natsPublicKeys,
    operatorToken: tokenOf(`${directory}/secrets/${SIGNING_KEY}`, secrets[SIGNING_KEY] ?? ""),
  };
}

function publicKeysOf(file: string): Record<string, string> | undefined {
  const text = readStackFile(file);
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
  } catch (error) {
    if (error instanceof SyntaxError) throw new StackError("MS-STACK-007", `${file} is no JSON`);
    throw error;
  }
}

function tokenOf(file: string, signingKey: string): string {
  try {
    return createOperatorToken(signingKey);
  } catch {
    throw new StackError("MS-STACK-007", `${file} is no key`);
  }
}

function readAll(directory: string, names: readonly string[]): Record<string, string> {
  const read = names.map((name) => [name, readStackFile(`${directory}/${name}`)] as const);
  const missing = read.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0) throw new StackError("MS-STACK-007", `${directory} has no ${missing.join(", ")}`);
  const values = read.map(([name, value = ""]) => [name, value] as const);
  const empty = values.filter(([, value]) => value.trim() === "").map(([name]) => name);
  if (empty.length > 0)
    throw new StackError("MS-STACK-007", `${directory} has nothing in ${empty.join(", ")}`);
  return Object.fromEntries(values);
}
