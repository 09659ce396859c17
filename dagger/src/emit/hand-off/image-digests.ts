/** The digests of `images.json`, which a build or a publication writes. */
import { z } from "zod";
import { PipelineError } from "../../errors.ts";
import { DEPLOYED_PLATFORM, knownPlatforms, type Platform, platformOf } from "../../spec/platform.ts";
import type { SystemSpec } from "../../spec/service-spec.ts";

const recordsSchema = z.array(
  z.object({
    name: z.string().min(1),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
    // Files from before there was a choice say nothing: what they name is for the platform that there was.
    platform: z.string().default(DEPLOYED_PLATFORM.name),
  }),
);

/** Digest of each image, by its service. */
export type ImageDigests = Readonly<Record<string, string>>;

/** Images that can be deployed together. */
export interface PublishedDigests {
  digests: ImageDigests;
  /** What all of them are for. */
  platform: Platform;
}

/**
 * Reads images.json; what else it says of an image is left alone.
 *
 * @param wanted platform that the caller asked for; without it whatever the file says
 * @throws PipelineError MS-PIPE-015 when the file names another platform than the one wanted, several, or an unknown one
 */
export function parsePublished(json: string, wanted?: Platform): PublishedDigests {
  const records = recordsSchema.parse(JSON.parse(json));
  const digests = Object.fromEntries(records.map(({ name, digest }) => [name, digest]));
  return { digests, platform: platformOfAll(records, wanted) };
}

/** Made-up images, for whoever checks everything but them. */
export function sampleImages(system: SystemSpec): PublishedDigests {
  const own = [...system.values()].filter(({ repository }) => repository !== undefined);
  const digest = (index: number) =>
    `sha256:${String(index + 1)
      .repeat(64)
      .slice(0, 64)}`;
  const digests = Object.fromEntries(own.map(({ name }, index) => [name, digest(index)]));
  return { digests, platform: DEPLOYED_PLATFORM };
}

function platformOfAll(records: z.infer<typeof recordsSchema>, wanted: Platform | undefined): Platform {
  const names = [...new Set(records.map(({ platform }) => platform))];
  const [platform, ...others] = new Set(names.map(platformOf));
  const said = `images.json names ${names.length > 0 ? `images for ${names.join(" and ")}` : "no image"}`;
  if (platform === undefined || others.length > 0)
    throw new PipelineError("MS-PIPE-015", `${said}; tasks run on one of ${knownPlatforms()}`);
  if (wanted !== undefined && wanted !== platform)
    throw new PipelineError("MS-PIPE-015", `${said}, and --platform is ${wanted.name}`);
  return platform;
}
