/** Tokens of the gateway: JWTs signed with Ed25519, as services/contracts describes them. */
import { createHash, type KeyObject, randomUUID, sign } from "node:crypto";

const ISSUER = "mistersmith";
const AUDIENCE = "mcp-gateway";

/** Everything that a token can allow. */
export const ALL_SCOPES = [
  "discoveries:read",
  "discoveries:write",
  "tasks:read",
  "tasks:write",
  "pool:read",
  "cost:read",
] as const;

/** A public key as a JSON Web Key, named by its thumbprint (RFC 7638). */
export function publicJwk(key: KeyObject): { kid: string } & Record<string, unknown> {
  const { crv, kty, x } = key.export({ format: "jwk" });
  const kid = createHash("sha256").update(JSON.stringify({ crv, kty, x })).digest("base64url");
  return { kty, crv, x, kid, alg: "EdDSA", use: "sig" };
}

/**
 * Signs a token.
 *
 * @param now time of issue, s since 1970
 * @param lifetime s
 */
export function signToken(
  privateKey: KeyObject,
  kid: string,
  subject: string,
  now: number,
  lifetime: number,
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ alg: "EdDSA", typ: "JWT", kid });
  const claims = part({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: subject,
    scope: ALL_SCOPES.join(" "),
    iat: now,
    exp: now + lifetime,
    jti: randomUUID(),
  });
  const signature = sign(null, Buffer.from(`${header}.${claims}`), privateKey).toString("base64url");
  return `${header}.${claims}.${signature}`;
}
