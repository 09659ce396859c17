/** The files ~/.aws/credentials and ~/.aws/config, as far as a publication needs them. */
import { PipelineError } from "../errors.ts";
import type { AssumedRole } from "./aws-source.ts";

/** Long-lived or temporary keys. */
export interface AwsKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Keys of a profile, and the roles to take on with them, one after the other. */
export interface ProfileIdentity {
  keys: AwsKeys;
  roles: AssumedRole[];
}

type Profile = Readonly<Record<string, string>>;

/** Ways to get credentials that need a program or a browser; neither is in the graph. */
const UNSUPPORTED = [
  "credential_process",
  "sso_session",
  "sso_start_url",
  "credential_source",
  "login_session",
];
const EXPORT = "aws configure export-credentials --profile NAME --format env";

/**
 * Finds the keys of a profile, following `source_profile`.
 *
 * @throws PipelineError MS-ECR-010 when the profile is not there or has no keys; the message holds no value of the file
 */
export function profileIdentity(text: string, name: string): ProfileIdentity {
  const profiles = parseProfiles(text);
  const roles: AssumedRole[] = [];
  const seen: string[] = [];
  for (let current = name; ; ) {
    if (seen.includes(current))
      refuse(`profiles name one another in a circle: ${[...seen, current].join(" -> ")}`);
    seen.push(current);
    const profile = profiles.get(current);
    if (!profile) refuse(`no profile ${current}; there are ${[...profiles.keys()].join(", ") || "none"}`);
    const { role_arn: arn, source_profile: source, external_id: externalId } = profile;
    if (arn) roles.unshift({ arn, ...(externalId && { externalId }) });
    // A role without a source profile is taken on with the keys beside it.
    if (!arn || !source || source === current) return { keys: keysOf(profile, current), roles };
    current = source;
  }
}

function keysOf(profile: Profile, name: string): AwsKeys {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = profile;
  const { aws_session_token: sessionToken } = profile;
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  const other = UNSUPPORTED.find((key) => key in profile);
  const hint = other ? `; it has ${other}, which works outside of the pipeline only: \`${EXPORT}\`` : "";
  return refuse(`profile ${name} has no pair of aws_access_key_id and aws_secret_access_key${hint}`);
}

function parseProfiles(text: string): Map<string, Profile> {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line)?.[1];
    if (header !== undefined) {
      current = profiles.get(header) ?? {};
      profiles.set(header, current);
      continue;
    }
    const [, key, value] = /^([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (current && key && value !== undefined) current[key.toLowerCase()] = value.replace(/\s+[#;].*$/, "");
  }
  return profiles;
}

function refuse(what: string): never {
  throw new PipelineError("MS-ECR-010", what);
}
