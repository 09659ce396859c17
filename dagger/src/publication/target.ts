/** Where images are published to, decided from what the caller gave. */
import { PipelineError } from "../errors.ts";

/** A place to publish to. `Secret` is the engine's type; this file only looks whether there is one. */
export type PublishTarget<Secret> =
  | { kind: "local" }
  | { kind: "registry"; address: string; username?: string; password?: Secret }
  | { kind: "ecr"; region: string; accessKeyId: Secret; secretAccessKey: Secret; sessionToken?: Secret };

/** Everything a caller may give. */
export interface TargetArguments<Secret> {
  local?: boolean;
  address?: string;
  username?: string;
  password?: Secret;
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
export function publishTarget<Secret>(given: TargetArguments<Secret>): PublishTarget<Secret> {
  const { local, address, username, password, awsRegion, awsAccessKeyId, awsSecretAccessKey } = given;
  pairOf("--username", username, "--password", password);
  pairOf("--aws-access-key-id", awsAccessKeyId, "--aws-secret-access-key", awsSecretAccessKey);
  if (local) return { kind: "local" };
  if (address !== undefined) {
    const login = username !== undefined && password !== undefined ? { username, password } : {};
    return { kind: "registry", address: address.replace(/^https?:\/\//, "").replace(/\/+$/, ""), ...login };
  }
  if (awsAccessKeyId === undefined || awsSecretAccessKey === undefined)
    throw new PipelineError("MS-ECR-001", "neither AWS credentials nor the address of a registry were given");
  if (awsRegion === undefined)
    throw new PipelineError("MS-ECR-002", "AWS credentials came without --aws-region");
  return {
    kind: "ecr",
    region: awsRegion,
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    ...(given.awsSessionToken !== undefined && { sessionToken: given.awsSessionToken }),
  };
}

function pairOf(leftName: string, left: unknown, rightName: string, right: unknown): void {
  if ((left === undefined) === (right === undefined)) return;
  const [there, missing] = left === undefined ? [rightName, leftName] : [leftName, rightName];
  throw new PipelineError("MS-ECR-002", `${there} came without ${missing}`);
}
