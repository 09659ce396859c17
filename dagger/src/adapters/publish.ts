/** Publishes built images: plans first, refuses before any effect, then does only what is missing. */

import type { File, Secret } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { executePlan, type PublicationEffects } from "../publication/execute.ts";
import { type BuildNames, tagsOfBuild } from "../publication/image-tags.ts";
import { firstDifference, type PublicationPlan } from "../publication/plan.ts";
import { desiredRepository, MOVING_TAG, repositoryChange } from "../publication/repository.ts";
import { planTags, type TagRequest } from "../publication/tag-plan.ts";
import type { PublishTarget } from "../publication/target.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import type { PublishedImage } from "./build-platforms.ts";
import { OciRegistry } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { openPlace, type Place } from "./publish-place.ts";

/** A publication that is planned but not done. */
export interface PreparedPublication {
  plan: PublicationPlan;
  /**
   * Does it; a plan with conflicts is refused.
   *
   * @param earlier a plan that was reviewed; what it does not foresee is refused
   */
  run: (earlier?: PublicationPlan) => Promise<void>;
}

/** Tags of an image by its digest. */
type TagsOf = (digest: string) => readonly string[];

/** What the caller says about the tags. */
export type AskedTags = Pick<BuildNames, "tag" | "release">;

/**
 * Looks at the registry and plans; nothing is changed yet.
 *
 * @param build makes the images, after the place was found to be the right one
 */
export async function preparePublication(
  project: Project,
  build: () => Promise<readonly PublishedImage[]>,
  target: PublishTarget<Secret, File>,
  asked: AskedTags,
  nonce: string,
): Promise<PreparedPublication> {
  const tagsOf = tagsAt(project, target, asked);
  const place = await openPlace(project, target, nonce);
  return planAt(project, place, await build(), tagsOf, nonce);
}

/** Plans the publication of images at a place that is open. */
export async function planAt(
  project: Project,
  place: Place,
  images: readonly PublishedImage[],
  tagsOf: TagsOf,
  nonce: string,
): Promise<PreparedPublication> {
  const registry = new OciRegistry(project, place.access, nonce);
  const requests = images.map((image) => tagRequest(image, tagsOf));
  const names = requests.flatMap(({ repository, tags }) => tags.map((name) => `${repository}:${name}`));
  const [repositories, held] = await Promise.all([repositoryChanges(place, images), registry.digests(names)]);
  const plan: PublicationPlan = { address: place.shown, repositories, tags: planTags(requests, held) };
  return {
    plan,
    run: async (earlier) => {
      const difference = earlier && firstDifference(earlier, plan);
      if (difference) throw new PipelineError("MS-ECR-006", `the plan does not hold any more: ${difference}`);
      await executePlan(plan, effects(registry, place, images));
    },
  };
}

async function repositoryChanges({ ecr }: Place, images: readonly PublishedImage[]) {
  if (!ecr) return [];
  return Promise.all(
    images.map(async ({ spec }) => {
      const desired = desiredRepository(spec, ecr.options);
      return repositoryChange(desired, await ecr.api.settings(desired.name), ecr.kept);
    }),
  );
}

function effects(registry: OciRegistry, place: Place, images: readonly PublishedImage[]): PublicationEffects {
  const layoutOf = (repository: string) => {
    const image = images.find(({ spec }) => repositoryOf(spec) === repository);
    if (!image) throw new Error(`no image of ${repository}`);
    return image.layout;
  };
  return {
    create: async (settings, differences) => place.ecr?.api.create(settings, differences),
    update: async (settings, differences) => place.ecr?.api.update(settings, differences),
    push: ({ repository, tag }) => registry.push(layoutOf(repository), repository, tag),
    record: async ({ repository, tag, digest }) => {
      if (!place.recorded || tag === MOVING_TAG) return;
      const manifest = await layoutOf(repository)
        .file(`blobs/${digest.replace(":", "/")}`)
        .contents();
      await place.ecr?.api.record({ repository, tag, digest, manifest });
    },
  };
}

function tagRequest({ spec, facts }: PublishedImage, tagsOf: TagsOf): TagRequest {
  return { repository: repositoryOf(spec), tags: tagsOf(facts.digest), digest: facts.digest };
}

// On a laptop every build may be published, also the same commit on other bases: its tag comes from its content.
function tagsAt(project: Project, target: PublishTarget<Secret, File>, asked: AskedTags): TagsOf {
  const { revision } = target.kind === "local" && asked.release === undefined ? {} : project.commit;
  return tagsOfBuild({ version: project.release, revision, ...asked });
}
