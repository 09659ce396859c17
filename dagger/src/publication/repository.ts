/** What a repository of the registry must look like, and how it differs from that. */
import type { ServiceSpec } from "../spec/service-spec.ts";
import {
  foreignStatements,
  lifecycleText,
  mergedPolicy,
  pullAccountsOf,
  pullPolicyText,
  samePolicy,
} from "./policy-text.ts";

/** The only tag that may be moved to another image. */
export const MOVING_TAG = "latest";

/** Settings of a repository that we care about. */
export interface RepositorySettings {
  name: string;
  /** Tags cannot be moved, except MOVING_TAG. */
  immutableTags: boolean;
  scanOnPush: boolean;
  /** `AES256`, `KMS` or `KMS ARN-OF-THE-KEY`; decided when a repository is created and never again. */
  encryption: string;
  /** Lifecycle policy as JSON; empty when there is none. */
  lifecycle: string;
  /** Repository policy as JSON; empty when there is none. */
  policy: string;
  tags: Readonly<Record<string, string>>;
}

/** What a caller decides about the repositories. */
export interface RepositoryOptions {
  /** Value of the tag Environment. */
  environment?: string | undefined;
  /** Accounts that may pull; without one the repositories get no policy. */
  pullAccounts?: readonly string[] | undefined;
  /** ARN of the key that encrypts; without it new repositories get AES256, and any encryption of old ones is fine. */
  kmsKey?: string | undefined;
}

/** What the caller did not name, so that what another gave is left alone. */
export interface KeptSettings {
  environment?: boolean;
  /** Who may pull keeps the right; nobody is taken out. */
  pullAccounts?: boolean;
}

/** Keys of the tags that we set. */
const OWN_TAGS: readonly string[] = ["Environment", "Project", "Component", "ManagedBy"];

/** The tags that are ours to write: those of AWS are refused, and those of others may have changed since. */
export function ownTags(tags: RepositorySettings["tags"]): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => OWN_TAGS.includes(key)));
}

/** One setting that is not as it must be; texts as a person reads them. */
export interface Difference {
  setting: Exclude<keyof RepositorySettings, "name">;
  from: string;
  to: string;
}

/** What has to be done to one repository. */
export interface RepositoryChange {
  name: string;
  action: "create" | "update" | "none";
  differences: Difference[];
  /** Why it cannot be done. */
  refused?: string;
  /** What somebody should know, and what nothing is done about. */
  notices: string[];
  /** How it looks afterwards. */
  settings: RepositorySettings;
}

/** Whether a setting is as it must be. */
const SAME: Record<
  Difference["setting"],
  (wanted: RepositorySettings, actual: RepositorySettings) => boolean
> = {
  immutableTags: (wanted, actual) => wanted.immutableTags === actual.immutableTags,
  scanOnPush: (wanted, actual) => wanted.scanOnPush === actual.scanOnPush,
  encryption: (wanted, actual) => wanted.encryption === actual.encryption,
  lifecycle: (wanted, actual) => samePolicy(wanted.lifecycle, actual.lifecycle),
  policy: (wanted, actual) => samePolicy(wanted.policy, actual.policy),
  // A tag of somebody else's is none of our business.
  tags: (wanted, actual) => Object.entries(wanted.tags).every(([key, value]) => actual.tags[key] === value),
};

const DEFAULT_ENCRYPTION = "AES256";
const DEFAULT_ENVIRONMENT = "production";

/** Settings that the repository of a service must have. */
export function desiredRepository(spec: ServiceSpec, options: RepositoryOptions = {}): RepositorySettings {
  if (spec.repository === undefined) throw new Error(`${spec.name} has no repository`);
  return {
    name: spec.repository,
    immutableTags: true,
    scanOnPush: true,
    encryption: options.kmsKey === undefined ? DEFAULT_ENCRYPTION : `KMS ${options.kmsKey}`,
    lifecycle: lifecycleText(),
    policy: pullPolicyText(options.pullAccounts ?? []),
    tags: {
      Environment: options.environment ?? DEFAULT_ENVIRONMENT,
      Project: "mistersmith",
      Component: spec.name,
      ManagedBy: "dagger",
    },
  };
}

/** Compares what is there with what must be; nothing is ever deleted, and what others added stays. */
export function repositoryChange(
  desired: RepositorySettings,
  actual: RepositorySettings | undefined,
  kept: KeptSettings = {},
): RepositoryChange {
  const { name } = desired;
  if (!actual)
    return {
      name,
      action: "create",
      differences: differencesOf(desired, undefined),
      notices: [],
      settings: desired,
    };
  const { Environment } = kept.environment ? actual.tags : desired.tags;
  const policy = kept.pullAccounts ? widened(desired.policy, actual.policy) : desired.policy;
  const settings = {
    ...desired,
    encryption: actual.encryption,
    policy: mergedPolicy(policy, actual.policy),
    tags: { ...actual.tags, ...desired.tags, ...(Environment !== undefined && { Environment }) },
  };
  const differences = differencesOf(settings, actual);
  const refused = encryptionRefusal(desired, actual);
  const action = differences.length > 0 ? "update" : "none";
  return {
    name,
    action,
    differences,
    ...(refused && { refused }),
    notices: notices(actual, settings),
    settings,
  };
}

function differencesOf(settings: RepositorySettings, actual: RepositorySettings | undefined): Difference[] {
  return (Object.keys(SAME) as Difference["setting"][])
    .filter((setting) => actual === undefined || !SAME[setting](settings, actual))
    .map((setting) => ({
      setting,
      from: actual === undefined ? "" : textOf(actual[setting]),
      to: textOf(settings[setting]),
    }))
    .filter(({ from, to }) => from !== to);
}

// The registry cannot change it, and making the repository anew would delete its images.
function encryptionRefusal(desired: RepositorySettings, actual: RepositorySettings): string | undefined {
  if (desired.encryption === DEFAULT_ENCRYPTION || desired.encryption === actual.encryption) return undefined;
  return `encryption of ${desired.name} is ${actual.encryption}, asked for was ${desired.encryption}`;
}

/** Our statement with everybody whom it let pull before. */
function widened(desired: string, actual: string): string {
  return desired === "" ? "" : pullPolicyText([...pullAccountsOf(desired), ...pullAccountsOf(actual)]);
}

function notices(actual: RepositorySettings, settings: RepositorySettings): string[] {
  const still = pullAccountsOf(settings.policy);
  const lost = pullAccountsOf(actual.policy).filter((account) => !still.includes(account));
  return [
    ...foreignStatements(actual.policy).map((name) => `policy statement of somebody else stays: ${name}`),
    ...lost.map((account) => `account ${account} loses the right to pull`),
  ];
}

function textOf(value: RepositorySettings[Difference["setting"]]): string {
  if (typeof value !== "object") return String(value);
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.map(([key, inner]) => `${key}=${inner}`).join(" ");
}
