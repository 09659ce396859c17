/** What a publication left in a registry, as images.json: handoff and verify take it, and other programs may. */
import { repositoryOf, type ServiceSpec } from "../spec/service-spec.ts";
import type { PublicationPlan } from "./plan.ts";

/** One image or index of a registry. */
export interface PublishedRecord {
  /** The service that runs it. */
  name: string;
  /** Platform of an image, for example linux/amd64; an index has `platforms`. */
  platform?: string;
  /** Platforms of an index, each with an image of its own. */
  platforms?: readonly string[];
  digest: string;
  /** Full reference by digest. */
  ref: string;
  /** Every tag that names it now. */
  tags: readonly string[];
}

/**
 * Writes images.json of a plan that was done.
 *
 * @param platforms names of what was built: one for images, several for indexes
 */
export function publishedImagesJson(
  { address, tags }: Pick<PublicationPlan, "address" | "tags">,
  services: readonly ServiceSpec[],
  platforms: readonly string[],
): string {
  const [platform = "", ...others] = platforms;
  const builtFor = others.length === 0 ? { platform } : { platforms };
  const records = services.map((spec): PublishedRecord => {
    const repository = repositoryOf(spec);
    const steps = tags.filter((step) => step.repository === repository);
    const [step] = steps;
    if (!step) throw new Error(`the plan has no tag of ${repository}`);
    const { digest } = step;
    const ref = `${address}/${repository}@${digest}`;
    return { name: spec.name, ...builtFor, digest, ref, tags: steps.map(({ tag }) => tag) };
  });
  return `${JSON.stringify(records, null, 2)}\n`;
}
