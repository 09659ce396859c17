/** Every secret and every generated value that one deployment of the system needs. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { configVariables, secretVariables, wiredEnvironment } from "../spec/environment.ts";
import { portOf, type SystemSpec, serviceOf } from "../spec/service-spec.ts";
import { createUserNkey, type UserNkey } from "./nkey.ts";
import { publicJwk, signToken } from "./token.ts";

/** Values by the names that the specs give them. */
export interface DeploymentKeys {
  secrets: Readonly<Record<string, string>>;
  config: Readonly<Record<string, string>>;
  /** Public nkey of each NATS role. */
  natsPublicKeys: Readonly<Record<string, string>>;
  /** A token with every scope, for whoever deploys. */
  operatorToken: string;
}

const TOKEN_LIFETIME_SECONDS = 24 * 60 * 60;
const PASSWORD_BYTES = 24;

/**
 * Makes new keys.
 *
 * @param roles NATS roles of services/contracts/permissions.json
 * @param anthropicApiKey key of the Messages API, or any word for a stand-in
 */
export function createDeploymentKeys(
  system: SystemSpec,
  roles: readonly string[],
  anthropicApiKey: string,
): DeploymentKeys {
  const signing = generateKeyPairSync("ed25519");
  const jwk = publicJwk(signing.publicKey);
  const identities = new Map(roles.map((role) => [role, createUserNkey()]));
  const password = randomBytes(PASSWORD_BYTES).toString("hex");
  const known: Readonly<Record<string, string>> = {
    "anthropic-api-key": anthropicApiKey,
    "database-url": databaseUrl(system, password),
    "mcp-signing-key": signing.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "postgres-password": password,
    "mcp-public-keys": JSON.stringify({ keys: [jwk] }),
    ...seeds(identities),
  };
  const signingKey = known["mcp-signing-key"] ?? "";
  return {
    ...valuesOfSpecs(system, (name) => takeValue(known, name)),
    natsPublicKeys: Object.fromEntries([...identities].map(([role, { publicKey }]) => [role, publicKey])),
    operatorToken: createOperatorToken(signingKey),
  };
}

/** Every secret and every generated value that a spec names, each from `lookUp`. */
export function valuesOfSpecs(
  system: SystemSpec,
  lookUp: (name: string) => string,
): Pick<DeploymentKeys, "secrets" | "config"> {
  const specs = [...system.values()];
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, lookUp(name)]));
  return {
    secrets: pick(specs.flatMap((spec) => secretVariables(spec).map(({ secret }) => secret))),
    config: pick(specs.flatMap((spec) => configVariables(spec).map(({ config }) => config))),
  };
}

/** A token with every scope, valid for a day. */
export function createOperatorToken(signingKeyPem: string): string {
  const key = createPrivateKey(signingKeyPem);
  const { kid } = publicJwk(createPublicKey(key));
  return signToken(key, kid, "operator", Math.floor(Date.now() / 1000), TOKEN_LIFETIME_SECONDS);
}

function seeds(identities: ReadonlyMap<string, UserNkey>): Record<string, string> {
  return Object.fromEntries([...identities].map(([role, { seed }]) => [`nats-${role}-seed`, seed]));
}

function databaseUrl(system: SystemSpec, password: string): string {
  const postgres = serviceOf(system, "postgres");
  const { POSTGRES_USER: user, POSTGRES_DB: database } = wiredEnvironment(postgres, system);
  return `postgres://${user}:${password}@${postgres.name}:${portOf(postgres, "sql").port}/${database}`;
}

function takeValue(known: Readonly<Record<string, string>>, name: string): string {
  const value = known[name];
  if (value === undefined) throw new Error(`nobody knows how to make ${name}, which a spec asks for`);
  return value;
}
