/** Where images are published to, decided from what the caller gave. */
import { PipelineError } from "../errors.ts";
import { type AwsAccess, checkedAccess } from "./aws-source.ts";
import type { RepositoryOptions } from "./repository.ts";

/** A place to publish to. `Secret` and `File` are the engine's types; this file only looks whether there is one. */
export type PublishTarget<Secret, File = unknown> =
  | { kind: "local" }
  | { kind: "registry"; address: string; username?: string; password?: Secret; ca?: File; insecure?: true }
  | { kind: "ecr"; access: AwsAccess<Secret>; repositories?: RepositoryOptions };

/** Everything a caller of `publish` may give. */
export interface TargetArguments<Secret, File = unknown> {
  local?: boolean;
  address?: string;
  username?: string;
  password?: Secret;
  /** Certificate of an own authority, PEM. */
  ca?: File;
  /** The registry speaks plain http. */
  insecure?: boolean;
  awsRegion?: string;
  awsAccessKeyId?: Secret;
  awsSecretAccessKey?: Secret;
  awsSessionToken?: Secret;
}

/**
 * Decides. Half a pair of credentials is refused before anything is built.
 *
 * @throws PipelineError MS-ECR-001 when nothing says where to, MS-ECR-002 when one of two is missing
 */
export function publishTarget<Secret, File>(
  given: TargetArguments<Secret, File>,
): PublishTarget<Secret, File> {
  const { local, address, username, password, awsRegion, awsAccessKeyId, awsSecretAccessKey } = given;
  pairOf("--username", username, "--password", password);
  pairOf("--aws-access-key-id", awsAccessKeyId, "--aws-secret-access-key", awsSecretAccessKey);
  if (local) return { kind: "local" };
  if (address !== undefined) {
    const login = username !== undefined && password !== undefined ? { username, password } : {};
    const trust = given.ca !== undefined ? { ca: given.ca } : {};
    return { kind: "registry", ...registryAddress(address, given.insecure), ...login, ...trust };
  }
  if (awsAccessKeyId === undefined || awsSecretAccessKey === undefined)
    throw new PipelineError("MS-ECR-001", "neither AWS credentials nor the address of a registry were given");
  if (awsRegion === undefined)
    throw new PipelineError("MS-ECR-002", "AWS credentials came without --aws-region");
  const token = given.awsSessionToken === undefined ? {} : { sessionToken: given.awsSessionToken };
  const source = {
    kind: "keys" as const,
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    ...token,
  };
  return { kind: "ecr", access: checkedAccess({ region: awsRegion, source }) };
}

/** A registry's address as its clients take it; one that begins with http:// speaks plain http. */
export function registryAddress(given: string, insecure = false): { address: string; insecure?: true } {
  const address = given.replace(/^https?:\/\//, "").replace(/\/+$/, "");
  return { address, ...((insecure || given.startsWith("http://")) && { insecure: true }) };
}

/**
 * Refuses half of a pair of arguments.
 *
 * @throws PipelineError MS-ECR-002
 */
export function pairOf(leftName: string, left: unknown, rightName: string, right: unknown): void {
  if ((left === undefined) === (right === undefined)) return;
  const [there, missing] = left === undefined ? [rightName, leftName] : [leftName, rightName];
  throw new PipelineError("MS-ECR-002", `${there} came without ${missing}`);
}
