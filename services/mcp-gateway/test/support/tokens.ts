import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** What a test token says beside the usual. */
export interface TokenOptions {
  readonly sub?: string;
  readonly scope?: string;
  readonly expiresIn?: number;
  readonly issuer?: string;
  readonly audience?: string;
  readonly claims?: Record<string, unknown>;
}

/** Every scope there is. */
export const ALL_SCOPES = "discoveries:read discoveries:write tasks:read tasks:write pool:read cost:read";

/** A key pair, its public key set as the gateway takes it, and a signer. */
export async function createIssuer() {
  const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const publicKeys = JSON.stringify({ keys: [await exportJWK(publicKey)] });
  const token = ({
    sub = "agent-1",
    scope = ALL_SCOPES,
    expiresIn = 600,
    issuer = "mistersmith",
    audience = "mcp-gateway",
    claims = {},
  }: TokenOptions = {}): Promise<string> =>
    new SignJWT({ scope, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: "EdDSA" })
      .setSubject(sub)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn)
      .sign(privateKey);
  return { publicKeys, token };
}

/** A signer of test tokens. */
export type Issuer = Awaited<ReturnType<typeof createIssuer>>;
