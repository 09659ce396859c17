/** Who we are for AWS: where the credentials come from, decided from what the caller gave. */
import { PipelineError } from "../errors.ts";

/** A source of credentials. `Secret` is the engine's type. */
export type CredentialSource<Secret> =
  | { kind: "keys"; accessKeyId: Secret; secretAccessKey: Secret; sessionToken?: Secret }
  /** A file as `~/.aws/credentials` or `~/.aws/config`. */
  | { kind: "profile"; file: Secret; profile: string }
  /** A token of an OpenID provider, for example of GitHub Actions. */
  | { kind: "web-identity"; token: Secret; roleArn: string }
  /** The address that ECS, EKS or CodeBuild gives its containers. */
  | { kind: "container"; uri: string; token?: Secret };

/** A role that is taken on with credentials of another identity. */
export interface AssumedRole {
  arn: string;
  externalId?: string;
}

/** Account, region and identity of a publication to ECR. */
export interface AwsAccess<Secret> {
  region: string;
  /** Account that the credentials must belong to, 12 digits. */
  account?: string;
  source: CredentialSource<Secret>;
  role?: AssumedRole;
  /** Other address of all APIs, for a stand-in. */
  endpoint?: string;
}

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;
const ACCOUNT = /^\d{12}$/;
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
/** Addresses that AWS gives its containers; to any other one a token must not travel in plain text. */
const CONTAINER_HOSTS = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "localhost", "127.0.0.1"];

/** Checks the words that a caller gave, before anything is asked or built. */
export function checkedAccess<Secret>(access: AwsAccess<Secret>): AwsAccess<Secret> {
  refuseUnless(REGION.test(access.region), `${access.region} is no region, as eu-central-1 is`);
  if (access.account !== undefined)
    refuseUnless(ACCOUNT.test(access.account), `${access.account} is no account of 12 digits`);
  const { source, role } = access;
  if (source.kind === "web-identity") checkRole(source.roleArn);
  if (role) checkRole(role.arn);
  if (source.kind === "container") containerAddress(source.uri);
  return access;
}

/** Full address of container credentials; AWS gives a path on its own host, or an address. */
export function containerAddress(uri: string): URL {
  const base = "http://169.254.170.2";
  const address = URL.canParse(uri, base) ? new URL(uri, base) : undefined;
  if (!address || (address.protocol !== "https:" && !CONTAINER_HOSTS.includes(address.hostname)))
    throw new PipelineError("MS-ECR-010", `${uri} is neither an address of AWS's own nor https`);
  return address;
}

/** Refuses an identity of another account than the one that was named. */
export function checkAccount(expected: string | undefined, actual: string, arn: string): void {
  if (expected === undefined || expected === actual) return;
  throw new PipelineError(
    "MS-ECR-011",
    `the credentials belong to account ${actual} (${arn}), named was ${expected}`,
  );
}

/** Refuses a registry of another region than the one that was named. A stand-in's host names none. */
export function checkRegion(expected: string, host: string): void {
  const region = /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(host)?.[1];
  if (region !== undefined && region !== expected)
    throw new PipelineError("MS-ECR-011", `the registry ${host} is in ${region}, named was ${expected}`);
}

function checkRole(arn: string): void {
  refuseUnless(
    ROLE_ARN.test(arn),
    `${arn} is no ARN of a role, as arn:aws:iam::123456789012:role/publish is`,
  );
}

function refuseUnless(fine: boolean, what: string): void {
  if (!fine) throw new PipelineError("MS-ECR-010", what);
}
