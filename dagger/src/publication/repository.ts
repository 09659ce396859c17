/** What a repository of the registry must look like, and how it differs from that. */
import type { ServiceSpec } from "../spec/service-spec.ts";

/** The only tag that may be moved to another image. */
export const MOVING_TAG = "latest";

const KEPT_IMAGES = 50;
const UNTAGGED_DAYS = 7;

/** Settings of a repository that we care about. */
export interface RepositorySettings {
  name: string;
  /** Tags cannot be moved, except MOVING_TAG. */
  immutableTags: boolean;
  scanOnPush: boolean;
  /** Lifecycle policy as JSON. */
  lifecycle: string;
  tags: Readonly<Record<string, string>>;
}

/** What has to be done to one repository. */
export interface RepositoryChange {
  name: string;
  action: "create" | "update" | "keep";
  /** Settings that differ. */
  differences: (keyof RepositorySettings)[];
}

/** Settings that the repository of a service must have. */
export function desiredRepository(spec: ServiceSpec): RepositorySettings {
  if (spec.repository === undefined) throw new Error(`${spec.name} has no repository`);
  return {
    name: spec.repository,
    immutableTags: true,
    scanOnPush: true,
    lifecycle: JSON.stringify(lifecyclePolicy()),
    tags: { project: "mistersmith", component: spec.name },
  };
}

/** Compares what is there with what must be; nothing is ever deleted. */
export function repositoryChange(
  desired: RepositorySettings,
  actual: RepositorySettings | undefined,
): RepositoryChange {
  if (!actual) return { name: desired.name, action: "create", differences: [] };
  const differences: (keyof RepositorySettings)[] = [];
  if (actual.immutableTags !== desired.immutableTags) differences.push("immutableTags");
  if (actual.scanOnPush !== desired.scanOnPush) differences.push("scanOnPush");
  if (!sameJson(actual.lifecycle, desired.lifecycle)) differences.push("lifecycle");
  // A tag of somebody else's is none of our business.
  if (Object.entries(desired.tags).some(([key, value]) => actual.tags[key] !== value))
    differences.push("tags");
  return { name: desired.name, action: differences.length > 0 ? "update" : "keep", differences };
}

function lifecyclePolicy(): object {
  const expire = { type: "expire" };
  return {
    rules: [
      {
        rulePriority: 1,
        description: `images without a tag go after ${UNTAGGED_DAYS} days`,
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: UNTAGGED_DAYS,
        },
        action: expire,
      },
      {
        rulePriority: 2,
        description: `the ${KEPT_IMAGES} newest images stay`,
        selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: KEPT_IMAGES },
        action: expire,
      },
    ],
  };
}

function sameJson(left: string, right: string): boolean {
  const ordered = (text: string) => (text === "" ? "" : JSON.stringify(sortKeys(JSON.parse(text))));
  return ordered(left) === ordered(right);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => left.localeCompare(right));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
