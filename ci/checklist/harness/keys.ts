/** Every key, seed, password and token of one run. Nothing of it leaves the run's directory. */
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import { nkeys } from "nats";

/** A NATS identity. */
export interface NatsIdentity {
  seed: string;
  publicKey: string;
}

/** All secrets of one run. */
export interface Keys {
  nats: Readonly<Record<string, NatsIdentity>>;
  postgresPassword: string;
  anthropicApiKey: string;
  signingKeyPem: string;
  publicKeySet: string;
  /** A token for a client of the gateway; it is valid for `ttlSeconds`. */
  token(subject: string, scopes: readonly string[], ttlSeconds?: number): Promise<string>;
  /** Everything that must not appear in a log, an event or a metric. */
  canaries(): Canary[];
}

/** A secret to look for, by a name that may be printed. */
export interface Canary {
  name: string;
  value: string;
}

const TOKEN_TTL_SECONDS = 3600;

/** Scopes of a client that may do everything. */
export const ALL_SCOPES = [
  "discoveries:read",
  "discoveries:write",
  "tasks:read",
  "tasks:write",
  "pool:read",
  "cost:read",
] as const;

/** Makes new keys for the given NATS roles. */
export async function createKeys(roles: readonly string[]): Promise<Keys> {
  const pair = generateKeyPairSync("ed25519");
  const jwk = await exportJWK(pair.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const nats = Object.fromEntries(roles.map((role) => [role, createIdentity()]));
  const postgresPassword = `pw-${randomBytes(18).toString("hex")}`;
  const anthropicApiKey = `sk-ant-canary-${randomBytes(18).toString("hex")}`;
  const signingKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const tokens: Canary[] = [];
  return {
    nats,
    postgresPassword,
    anthropicApiKey,
    signingKeyPem,
    publicKeySet: JSON.stringify({ keys: [{ ...jwk, kid, alg: "EdDSA", use: "sig" }] }),
    async token(subject, scopes, ttlSeconds = TOKEN_TTL_SECONDS) {
      const value = await sign(pair.privateKey, kid, subject, scopes, ttlSeconds);
      tokens.push({ name: `token of ${subject}`, value });
      return value;
    },
    canaries: () => [
      ...Object.entries(nats).map(([role, { seed }]) => ({ name: `nkey seed of ${role}`, value: seed })),
      { name: "password of Postgres", value: postgresPassword },
      { name: "Anthropic API key", value: anthropicApiKey },
      { name: "signing key", value: signingKeyPem.split("\n")[1] ?? signingKeyPem },
      ...tokens,
    ],
  };
}

function createIdentity(): NatsIdentity {
  const pair = nkeys.createUser();
  return { seed: new TextDecoder().decode(pair.getSeed()), publicKey: pair.getPublicKey() };
}

function sign(
  key: KeyObject,
  kid: string,
  subject: string,
  scopes: readonly string[],
  ttlSeconds: number,
): Promise<string> {
  return new SignJWT({ scope: scopes.join(" ") })
    .setProtectedHeader({ alg: "EdDSA", kid })
    .setIssuer("mistersmith")
    .setAudience("mcp-gateway")
    .setSubject(subject)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + ttlSeconds)
    .sign(key);
}
