/** The images for several platforms: one index per image, as a registry holds it. */
import type { Directory } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { Platform } from "../spec/platform.ts";
import type { ServiceSpec } from "../spec/service-spec.ts";
import { buildAll, type ImageOptions } from "./build-images.ts";
import { checkForeignParts } from "./foreign-parts.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** What is published under the tags of one repository: an image, or an index of one for each platform. */
export interface PublishedImage {
  spec: ServiceSpec;
  /** OCI layout with this one image or index. */
  layout: Directory;
  facts: { digest: string };
}

/** All images, for all platforms that were asked for. */
export interface PlatformBuild {
  published: PublishedImage[];
  /** Every image of every platform. */
  images: BuiltImage[];
}

/**
 * Builds for these platforms. One platform gives an image each, as ever; several give an index.
 *
 * @throws PipelineError MS-PIPE-010, before anything is built, when a part cannot be had for a platform
 */
export async function buildPlatforms(
  project: Project,
  platforms: readonly Platform[],
  options: ImageOptions = {},
): Promise<PlatformBuild> {
  const projects = platforms.map((platform) => project.onPlatform(platform));
  const foreign = projects.filter(({ isForeign }) => isForeign);
  await Promise.all(foreign.map((other) => checkForeignParts(other, options)));
  const builds = await Promise.all(projects.map((each) => buildAll(each, options)));
  const images = builds.flat();
  if (builds.length === 1) return { published: images, images };
  const services = project.ownServices().map((spec) => {
    const variants = images.filter((image) => image.spec.name === spec.name);
    return combined(project, spec, variants);
  });
  return { published: await Promise.all(services), images };
}

async function combined(
  project: Project,
  spec: ServiceSpec,
  variants: readonly BuiltImage[],
): Promise<PublishedImage> {
  const pathOf = ({ platform }: BuiltImage) => `/in/${platform.architecture}`;
  const step = variants
    .reduce(
      (container, image) => container.withMountedDirectory(pathOf(image), image.layout),
      project.base("node").withDirectory("/steps", stepScripts("combine-layouts.mjs", "read-layout.mjs")),
    )
    .withExec(["node", "/steps/combine-layouts.mjs", "/out", ...variants.map(pathOf)]);
  const out = step.directory("/out");
  const facts = await explained("MS-PIPE-001", `making the index of ${spec.name}`, () =>
    out.file("image.json").contents(),
  );
  return { spec, layout: out.directory("layout"), facts: JSON.parse(facts) as PublishedImage["facts"] };
}
