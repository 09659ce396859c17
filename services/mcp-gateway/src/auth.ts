import { createLocalJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from "jose";
import { NAME } from "./envelope.ts";
import { GatewayError } from "./errors.ts";

/** What a token may allow. */
export type Scope =
  | "discoveries:read"
  | "discoveries:write"
  | "tasks:read"
  | "tasks:write"
  | "pool:read"
  | "cost:read";

/** Who sends a request, as the token says. */
export interface Caller {
  /** The agent or client: the token's `sub`. */
  readonly subject: string;
  readonly scopes: ReadonlySet<string>;
  readonly role: string | undefined;
  readonly taskId: string | undefined;
  /** Names the token in the rate limiter; never the token itself. */
  readonly tokenId: string;
  /** End of the token's life, ms since 1970. */
  readonly expiresAt: number;
}

/** Checks a bearer token; fails with MS-GW-001. */
export type Authenticate = (authorization: string | null | undefined) => Promise<Caller>;

const ISSUER = "mistersmith";
const AUDIENCE = "mcp-gateway";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Makes the check from a JSON Web Key Set of Ed25519 public keys. */
export function createAuthenticate(publicKeys: string): Authenticate {
  const keySet = createLocalJWKSet(JSON.parse(publicKeys));
  return async (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? "")?.[1];
    if (token === undefined)
      throw new GatewayError("MS-GW-001", "no bearer token in the Authorization header");
    try {
      return toCaller(await verify(token, keySet), token);
    } catch (error) {
      throw new GatewayError("MS-GW-001", reasonOf(error), {}, error);
    }
  };
}

/** Fails with MS-GW-002 unless the caller's token has the scope. */
export function requireScope(caller: Caller, scope: Scope): void {
  if (!caller.scopes.has(scope)) throw new GatewayError("MS-GW-002", scope, { scope });
}

const CHECKS: JWTVerifyOptions = {
  algorithms: ["EdDSA"],
  issuer: ISSUER,
  audience: AUDIENCE,
  requiredClaims: ["sub", "exp", "scope"],
};

async function verify(token: string, keySet: ReturnType<typeof createLocalJWKSet>): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keySet, CHECKS)).payload;
  } catch (error) {
    // A token without a key id fits every key of the set: the supervisor's and the operator's, during a change.
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, CHECKS)).payload;
      } catch (reason) {
        if (!(reason instanceof errors.JWSSignatureVerificationFailed)) throw reason;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function toCaller(claims: Record<string, unknown>, token: string): Caller {
  const { sub, scope, role, task_id: taskId, jti, exp } = claims;
  // The subject becomes part of a NATS subject, so a wildcard or a dot in it must never pass.
  if (typeof sub !== "string" || !NAME.test(sub)) throw new Error("sub is not a name");
  if (typeof scope !== "string") throw new Error("scope is not a text");
  if (role !== undefined && (typeof role !== "string" || !NAME.test(role)))
    throw new Error("role is not a name");
  if (taskId !== undefined && (typeof taskId !== "string" || !UUID.test(taskId))) {
    throw new Error("task_id is not a UUID");
  }
  return {
    subject: sub,
    scopes: new Set(scope.split(" ").filter((entry) => entry !== "")),
    role,
    taskId,
    tokenId: typeof jti === "string" ? jti : token.slice(-43),
    expiresAt: Number(exp) * 1000,
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's ${error.claim} is missing or wrong`;
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return "the token is not signed with a known key";
  }
  if (error instanceof errors.JOSEError) return "the token is malformed";
  return error instanceof Error ? `the token's ${error.message}` : "the token is malformed";
}
