/** A plan as JSON, so that one is reviewed and exactly that one is done. */
import { z } from "zod";
import { PipelineError } from "../errors.ts";
import { changeCount, type PublicationPlan } from "./plan.ts";

const VERSION = 1;

const settings = z.strictObject({
  name: z.string(),
  immutableTags: z.boolean(),
  scanOnPush: z.boolean(),
  encryption: z.string(),
  lifecycle: z.string(),
  policy: z.string(),
  tags: z.record(z.string(), z.string()),
});

const difference = z.strictObject({
  setting: z.enum(["immutableTags", "scanOnPush", "encryption", "lifecycle", "policy", "tags"]),
  from: z.string(),
  to: z.string(),
});

const planFile = z.object({
  version: z.literal(VERSION),
  address: z.string(),
  repositories: z.array(
    z.strictObject({
      name: z.string(),
      action: z.enum(["create", "update", "none"]),
      differences: z.array(difference),
      refused: z.string().exactOptional(),
      notices: z.array(z.string()),
      settings,
    }),
  ),
  tags: z.array(
    z.strictObject({
      repository: z.string(),
      tag: z.string(),
      digest: z.string(),
      held: z.string().exactOptional(),
      action: z.enum(["push", "present", "move", "conflict"]),
    }),
  ),
});

/** Writes the plan with the number of its changes. */
export function planJson(plan: PublicationPlan): string {
  const { address, repositories, tags, unconsented } = plan;
  return JSON.stringify(
    { version: VERSION, changes: changeCount(plan), address, repositories, tags, unconsented },
    null,
    2,
  );
}

/**
 * Reads what `planJson` wrote.
 *
 * @throws PipelineError MS-ECR-009 naming the first place that is not as it must be
 */
export function parsePlan(text: string): PublicationPlan {
  try {
    const { address, repositories, tags } = planFile.parse(JSON.parse(text));
    return { address, repositories, tags };
  } catch (error) {
    throw new PipelineError("MS-ECR-009", `the file given is no plan: ${reason(error)}`);
  }
}

function reason(error: unknown): string {
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : String(error);
  const [issue] = error.issues;
  return `${issue?.path.join(".") || "the whole"}: ${issue?.message}`;
}
