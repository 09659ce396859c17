/**
 * An identity at AWS, made from what the caller gave. Temporary credentials carry their end, so that the SDK asks for
 * new ones in time. The SDK is loaded when it is needed.
 */
import type { STSClient } from "@aws-sdk/client-sts";
import { explain, PipelineError } from "../errors.ts";
import {
  type AssumedRole,
  type AwsAccess,
  type CredentialSource,
  checkAccount,
  containerAddress,
} from "../publication/aws-source.ts";
import { type AwsKeys, profileIdentity } from "../publication/profile-file.ts";
import { retried } from "../publication/retry.ts";

/** The engine's Secret, as far as it is needed here. */
export interface ReadableSecret {
  plaintext: () => Promise<string>;
}

/** Keys, and when they end if they do. */
export interface AwsCredentials extends AwsKeys {
  expiration?: Date;
}

/** Asked whenever the credentials are near their end. */
export type CredentialProvider = () => Promise<AwsCredentials>;

/** What every client of an API is made with. */
export interface ClientSettings {
  region: string;
  credentials: CredentialProvider;
  endpoint?: string;
  maxAttempts: number;
}

/** What a session's name is in AWS's own logs. */
const SESSION_NAME = "mistersmith-publish";

/** Time for the address of container credentials, ms. */
const ANSWER_TIME = 5_000;

/** Settings of a client; steps are tried again by us, so the SDK must not multiply that. */
export function clientSettings(access: AwsAccess<ReadableSecret>): ClientSettings {
  return settingsWith(access, credentialProvider(access));
}

/**
 * Asks AWS who we are, and refuses an account other than the one named.
 *
 * @throws PipelineError MS-ECR-004 when AWS does not know us, MS-ECR-011 for another account
 */
export async function checkIdentity(
  access: AwsAccess<ReadableSecret>,
): Promise<{ account: string; arn: string }> {
  const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const sts = await stsClient(access, credentialProvider(access));
  const answer = await asked(`asking ${access.region} who we are`, () =>
    sts.send(new GetCallerIdentityCommand({})),
  );
  const identity = { account: answer.Account ?? "", arn: answer.Arn ?? "" };
  checkAccount(access.account, identity.account, identity.arn);
  return identity;
}

/** Credentials of the source, and of the role that is taken on with them. */
export function credentialProvider(access: AwsAccess<ReadableSecret>): CredentialProvider {
  return async () => {
    const { keys, roles } = await sourceCredentials(access);
    const chain = access.role ? [...roles, access.role] : roles;
    let credentials = keys;
    for (const role of chain) credentials = await assumeRole(access, credentials, role);
    return credentials;
  };
}

async function sourceCredentials(
  access: AwsAccess<ReadableSecret>,
): Promise<{ keys: AwsCredentials; roles: readonly AssumedRole[] }> {
  const { source } = access;
  if (source.kind === "profile") return profileIdentity(await source.file.plaintext(), source.profile);
  if (source.kind === "web-identity") return { keys: await webIdentity(access, source), roles: [] };
  if (source.kind === "container") return { keys: await containerCredentials(source), roles: [] };
  const [accessKeyId, secretAccessKey, sessionToken] = await Promise.all([
    text(source.accessKeyId),
    text(source.secretAccessKey),
    source.sessionToken ? text(source.sessionToken) : undefined,
  ]);
  return { keys: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }, roles: [] };
}

async function assumeRole(
  access: AwsAccess<ReadableSecret>,
  keys: AwsCredentials,
  { arn, externalId }: AssumedRole,
): Promise<AwsCredentials> {
  const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const sts = await stsClient(access, async () => keys);
  const request = {
    RoleArn: arn,
    RoleSessionName: SESSION_NAME,
    ...(externalId && { ExternalId: externalId }),
  };
  const answer = await asked(`taking on ${arn}`, () => sts.send(new AssumeRoleCommand(request)));
  return issued(answer.Credentials);
}

async function webIdentity(
  access: AwsAccess<ReadableSecret>,
  source: CredentialSource<ReadableSecret> & { kind: "web-identity" },
): Promise<AwsCredentials> {
  const { AssumeRoleWithWebIdentityCommand } = await import("@aws-sdk/client-sts");
  // The token is all that this call is signed with.
  const sts = await stsClient(access, async () => ({ accessKeyId: "none", secretAccessKey: "none" }));
  const request = {
    RoleArn: source.roleArn,
    RoleSessionName: SESSION_NAME,
    WebIdentityToken: await text(source.token),
  };
  const answer = await asked(`taking on ${source.roleArn} with a web identity`, () =>
    sts.send(new AssumeRoleWithWebIdentityCommand(request)),
  );
  return issued(answer.Credentials);
}

async function containerCredentials(
  source: CredentialSource<ReadableSecret> & { kind: "container" },
): Promise<AwsCredentials> {
  const address = containerAddress(source.uri);
  const headers = source.token ? { authorization: await text(source.token) } : undefined;
  const body = await asked(`asking ${address.origin} for the container's credentials`, async () => {
    const signal = AbortSignal.timeout(ANSWER_TIME);
    const answer = await fetch(address, { ...(headers && { headers }), redirect: "error", signal });
    if (!answer.ok) {
      const failure = new Error(`it answered ${answer.status}`);
      throw Object.assign(failure, { $metadata: { httpStatusCode: answer.status } });
    }
    return (await answer.json()) as Record<string, string | undefined>;
  });
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = body;
  return issued({
    AccessKeyId,
    SecretAccessKey,
    SessionToken: Token,
    ...(Expiration && { Expiration: new Date(Expiration) }),
  });
}

/** Credentials in the form in which AWS gives them. */
interface IssuedCredentials {
  AccessKeyId: string | undefined;
  SecretAccessKey: string | undefined;
  SessionToken: string | undefined;
  Expiration?: Date | undefined;
}

function issued(given: IssuedCredentials | undefined): AwsCredentials {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = given ?? {};
  if (!accessKeyId || !secretAccessKey)
    throw new PipelineError("MS-ECR-004", "AWS answered without credentials");
  return {
    accessKeyId,
    secretAccessKey,
    ...(given?.SessionToken && { sessionToken: given.SessionToken }),
    ...(given?.Expiration && { expiration: given.Expiration }),
  };
}

async function stsClient(
  access: AwsAccess<ReadableSecret>,
  credentials: CredentialProvider,
): Promise<STSClient> {
  const { STSClient } = await import("@aws-sdk/client-sts");
  return new STSClient(settingsWith(access, credentials));
}

function settingsWith({ region, endpoint }: AwsAccess<ReadableSecret>, credentials: CredentialProvider) {
  return { region, credentials, maxAttempts: 1, ...(endpoint !== undefined && { endpoint }) };
}

/** Asks AWS something, again when that may help. */
export async function asked<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await retried(ask);
  } catch (error) {
    throw explain("MS-ECR-004", `${what} failed`, error);
  }
}

// What a shell puts into a variable or a file often ends with a line's end.
async function text(secret: ReadableSecret): Promise<string> {
  return (await secret.plaintext()).trim();
}
