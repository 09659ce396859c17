/** A publication before it is done: everything that would change, and whether an older plan still holds. */
import { PipelineError } from "../errors.ts";
import type { MissingConsent } from "../supply-chain/consent.ts";
import type { Difference, RepositoryChange } from "./repository.ts";
import { refuseConflicts, type TagStep } from "./tag-plan.ts";

/** Everything that a publication touches. */
export interface PublicationPlan {
  /** Prefix of the references. */
  address: string;
  /** Empty where repositories come into being by a push. */
  repositories: readonly RepositoryChange[];
  tags: readonly TagStep[];
  /** Images that may not go there until the caller says so; absent when there are none. */
  unconsented?: readonly MissingConsent[];
}

/** How many repositories and tags a plan would change. */
export function changeCount({ repositories, tags }: PublicationPlan): { repositories: number; tags: number } {
  return {
    repositories: repositories.filter(({ action }) => action !== "none").length,
    tags: tags.filter(({ action }) => action !== "present").length,
  };
}

/** Refuses a plan that cannot be done, before anything of it is done. */
export function refusePlan({ repositories, tags }: PublicationPlan): void {
  const refused = repositories.flatMap((change) => change.refused ?? []);
  if (refused.length > 0) throw new PipelineError("MS-ECR-008", refused.join("; "));
  refuseConflicts(tags);
}

/**
 * Says what a plan made earlier did not foresee. What it wanted and is there already is no difference: that is how
 * a publication goes on which was interrupted.
 */
export function firstDifference(planned: PublicationPlan, now: PublicationPlan): string | undefined {
  if (planned.address !== now.address)
    return `it is a plan for ${planned.address}, this publication goes to ${now.address}`;
  return (
    pairs(planned.repositories, now.repositories, ({ name }) => name, repositoryDifference) ??
    pairs(planned.tags, now.tags, ({ repository, tag }) => `${repository}:${tag}`, tagDifference)
  );
}

/** The first difference of two lists whose items have names. */
function pairs<Item>(
  planned: readonly Item[],
  now: readonly Item[],
  nameOf: (item: Item) => string,
  difference: (planned: Item, now: Item) => string | undefined,
): string | undefined {
  const left = new Map(planned.map((item) => [nameOf(item), item]));
  const right = new Map(now.map((item) => [nameOf(item), item]));
  for (const [name, item] of right) {
    const before = left.get(name);
    const found = before ? difference(before, item) : "is not in the plan";
    if (found) return `${name} ${found}`;
  }
  const gone = [...left.keys()].find((name) => !right.has(name));
  return gone === undefined ? undefined : `${gone} is in the plan and not in this publication`;
}

function repositoryDifference(planned: RepositoryChange, now: RepositoryChange): string | undefined {
  if (now.action === "create" && planned.action !== "create") return "has gone since the plan was made";
  const unforeseen = now.differences.find((difference) => !foreseen(planned, difference));
  if (!unforeseen) return undefined;
  const { setting, from, to } = unforeseen;
  return `would change in a way that the plan does not have: ${setting} from ${from || "nothing"} to ${to || "nothing"}`;
}

function foreseen({ differences }: RepositoryChange, now: Difference): boolean {
  return differences.some(
    ({ setting, from, to }) => setting === now.setting && from === now.from && to === now.to,
  );
}

function tagDifference(planned: TagStep, now: TagStep): string | undefined {
  if (planned.digest !== now.digest) return `is ${now.digest} in this build, ${planned.digest} in the plan`;
  if (now.action === "present" || planned.held === now.held) return undefined;
  return `holds ${now.held ?? "nothing"} now, ${planned.held ?? "nothing"} when the plan was made`;
}
