/** The AWS API that these tests talk to, and an identity for it. */
import type { ReadableSecret } from "../../../src/adapters/aws-session.ts";
import type { AwsAccess, CredentialSource } from "../../../src/publication/aws-source.ts";

/** Account in which the API's stand-in acts for everybody without one of his own. */
export const ACCOUNT = "123456789012";

/** Word that must be found in no message. */
export const CANARY = "canary-6d1c2b";

/** Where the API answers. */
export function endpoint(): string {
  const address = process.env.TEST_AWS_ENDPOINT;
  if (!address) throw new Error("set TEST_AWS_ENDPOINT to the address of a moto server");
  return address;
}

/** A secret as the engine gives it. */
export function secret(text: string): ReadableSecret {
  return { plaintext: async () => text };
}

/** Keys that everybody may have. */
export const anyKeys: CredentialSource<ReadableSecret> = {
  kind: "keys",
  accessKeyId: secret("AKIAIOSFODNN7EXAMPLE"),
  secretAccessKey: secret(CANARY),
};

/** Access to the API. */
export function accessWith(more: Partial<AwsAccess<ReadableSecret>> = {}): AwsAccess<ReadableSecret> {
  return { region: "eu-central-1", endpoint: endpoint(), source: anyKeys, ...more };
}
