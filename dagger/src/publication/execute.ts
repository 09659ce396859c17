/** Does a plan. Every step may be done twice, so that what was interrupted goes on by being done again. */
import { type PublicationPlan, refusePlan } from "./plan.ts";
import type { Difference, RepositorySettings } from "./repository.ts";
import { PATIENT, type RetryPolicy, retried } from "./retry.ts";
import type { TagStep } from "./tag-plan.ts";

/** What a registry can do. Each call must be harmless when its effect is there already. */
export interface PublicationEffects {
  create: (settings: RepositorySettings, differences: readonly Difference[]) => Promise<void>;
  update: (settings: RepositorySettings, differences: readonly Difference[]) => Promise<void>;
  push: (step: TagStep) => Promise<void>;
  /** Tells what the registry holds under a tag to whoever must be told. */
  record: (step: TagStep) => Promise<void>;
}

/** Repositories first, one after the other; then the images beside one another, each tag after the one before. */
export async function executePlan(
  plan: PublicationPlan,
  effects: PublicationEffects,
  retry: RetryPolicy = PATIENT,
): Promise<void> {
  refusePlan(plan);
  for (const { action, settings, differences } of plan.repositories) {
    if (action === "create") await retried(() => effects.create(settings, differences), retry);
    if (action === "update") await retried(() => effects.update(settings, differences), retry);
  }
  const repositories = [...new Set(plan.tags.map((step) => step.repository))];
  const images = repositories.map((name) =>
    executeTags(
      plan.tags.filter((step) => step.repository === name),
      effects,
      retry,
    ),
  );
  // One image that fails must not stop the others half way; what they got is not done again.
  const failed = (await Promise.allSettled(images)).find((image) => image.status === "rejected");
  if (failed) throw failed.reason;
}

async function executeTags(
  steps: readonly TagStep[],
  effects: PublicationEffects,
  retry: RetryPolicy,
): Promise<void> {
  for (const step of steps) {
    if (step.action !== "present") await retried(() => effects.push(step), retry);
    await retried(() => effects.record(step), retry);
  }
}
