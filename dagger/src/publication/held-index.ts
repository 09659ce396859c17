/** Judges what a registry holds for images of several platforms. */
import type { Platform } from "../spec/platform.ts";

/** What a registry holds under a tag; dagger/steps/read-index.mjs writes it. */
export interface HeldIndex {
  digest: string;
  mediaType?: string | undefined;
  images: readonly HeldImage[];
}

/** One image of an index. */
export interface HeldImage {
  digest: string;
  /** What the index says. */
  platform?: { architecture: string; os: string } | undefined;
  /** What the image itself says. */
  config: { architecture: string; os: string };
}

/** What was published. */
export interface ExpectedIndex {
  digest: string;
  /** Digest of the image for each platform. */
  images: readonly { platform: Platform; digest: string }[];
}

const INDEX = "application/vnd.oci.image.index.v1+json";

/** Whether it is an index that has this image. */
export function isIndexOf({ mediaType, images }: HeldIndex, digest: string): boolean {
  return mediaType === INDEX && images.some((image) => image.digest === digest);
}

/** Finds everything that is otherwise than published; empty when nothing is. */
export function indexProblems(expected: ExpectedIndex, held: HeldIndex): string[] {
  const problems: string[] = [];
  if (held.digest !== expected.digest)
    problems.push(`the tag holds ${held.digest}, published was ${expected.digest}`);
  if (held.mediaType !== INDEX)
    problems.push(`the tag holds ${held.mediaType ?? "something without a type"}`);
  if (held.images.length !== expected.images.length)
    problems.push(`the index has ${held.images.length} images, published were ${expected.images.length}`);
  for (const image of expected.images) problems.push(...imageProblems(image, held.images));
  return problems;
}

function imageProblems(
  { platform, digest }: ExpectedIndex["images"][number],
  images: readonly HeldImage[],
): string[] {
  const image = images.find((candidate) => nameOf(candidate.platform) === platform.name);
  if (!image) return [`the index has no image for ${platform.name}`];
  if (image.digest !== digest)
    return [`the image for ${platform.name} is ${image.digest}, published was ${digest}`];
  const own = nameOf(image.config);
  return own === platform.name ? [] : [`the image for ${platform.name} says of itself that it is for ${own}`];
}

function nameOf(platform: HeldImage["platform"]): string {
  return platform ? `${platform.os}/${platform.architecture}` : "no platform";
}
