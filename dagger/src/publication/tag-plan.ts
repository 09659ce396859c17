/** What publishing would do to the tags of a registry. */
import { PipelineError } from "../errors.ts";
import { MOVING_TAG } from "./repository.ts";

/** What happens to one tag. */
export interface TagStep {
  repository: string;
  tag: string;
  /** Digest of this build. */
  digest: string;
  /** Digest that the registry holds under the tag. */
  held?: string;
  action: "push" | "present" | "move" | "conflict";
}

/** An image and the tags it shall have. */
export interface TagRequest {
  repository: string;
  tags: readonly string[];
  digest: string;
}

/**
 * Plans every tag.
 *
 * @param held digest under `repository:tag`, for every tag that the registry holds
 */
export function planTags(requests: readonly TagRequest[], held: Readonly<Record<string, string>>): TagStep[] {
  return requests.flatMap(({ repository, tags, digest }) =>
    tags.map((tag): TagStep => {
      const holds = held[`${repository}:${tag}`];
      const step = { repository, tag, digest };
      if (holds === undefined) return { ...step, action: "push" };
      if (holds === digest) return { ...step, held: holds, action: "present" };
      return { ...step, held: holds, action: tag === MOVING_TAG ? "move" : "conflict" };
    }),
  );
}

/** Refuses a plan that would put another image under a tag that must not move. */
export function refuseConflicts(steps: readonly TagStep[]): void {
  const conflicts = steps.filter((step) => step.action === "conflict");
  if (conflicts.length === 0) return;
  const what = conflicts.map(
    ({ repository, tag, held, digest }) =>
      `tag ${tag} of ${repository} holds ${held}, this build is ${digest}`,
  );
  throw new PipelineError("MS-ECR-003", what.join("; "));
}
