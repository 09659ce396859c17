/** With what images are signed and checked, decided from what the caller gave. */
import { PipelineError } from "../errors.ts";

/** A signer. `Secret` is the engine's type; this file only looks whether there is one. */
export type Signer<Secret> =
  | { kind: "none" }
  | { kind: "key"; key: Secret; password?: Secret }
  | { kind: "keyless"; identityToken: Secret };

/** What a caller may give to sign. */
export interface SignerArguments<Secret> {
  key?: Secret | undefined;
  keyPassword?: Secret | undefined;
  identityToken?: Secret | undefined;
}

/**
 * Decides who signs; nobody when nothing is given.
 *
 * @throws PipelineError MS-SUPPLY-013 for a key and an identity at once, or a password without a key
 */
export function signerOf<Secret>({
  key,
  keyPassword,
  identityToken,
}: SignerArguments<Secret>): Signer<Secret> {
  if (key !== undefined && identityToken !== undefined)
    throw new PipelineError("MS-SUPPLY-013", "--key and --identity-token exclude each other");
  if (keyPassword !== undefined && key === undefined)
    throw new PipelineError("MS-SUPPLY-013", "--key-password came without --key");
  if (identityToken !== undefined) return { kind: "keyless", identityToken };
  if (key === undefined) return { kind: "none" };
  return { kind: "key", key, ...(keyPassword !== undefined && { password: keyPassword }) };
}

/** Whose signature is asked for. */
export type Verifier<File> =
  | { kind: "key"; publicKey: File }
  | { kind: "keyless"; identity: string; issuer: string };

/** What a caller may give to verify. */
export interface VerifierArguments<File> {
  publicKey?: File | undefined;
  certificateIdentity?: string | undefined;
  certificateIssuer?: string | undefined;
}

/**
 * Decides whose signature counts.
 *
 * @throws PipelineError MS-SUPPLY-013 when nothing says whose, or half of an identity is missing
 */
export function verifierOf<File>(given: VerifierArguments<File>): Verifier<File> {
  const { publicKey, certificateIdentity, certificateIssuer } = given;
  if (publicKey !== undefined) {
    if (certificateIdentity !== undefined || certificateIssuer !== undefined)
      throw new PipelineError("MS-SUPPLY-013", "--public-key and --certificate-identity exclude each other");
    return { kind: "key", publicKey };
  }
  if (certificateIdentity === undefined || certificateIssuer === undefined)
    throw new PipelineError(
      "MS-SUPPLY-013",
      "a signature of anybody proves nothing: give --public-key, or --certificate-identity with --certificate-issuer",
    );
  return { kind: "keyless", identity: certificateIdentity, issuer: certificateIssuer };
}
