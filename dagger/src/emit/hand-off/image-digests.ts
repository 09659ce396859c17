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
    /** Of an index: any of these. */
    platforms: z.array(z.string()).min(1).optional(),
    ref: z.string().optional(),
  }),
);

/** Host of ECR at the start of a reference. */
const ECR_HOST = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?(?=\/)/;

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

/** Where ECR holds the images; nothing is known until somebody says it. */
export interface RegistryPlace {
  /** 12 digits. */
  account?: string;
  region?: string;
}

/**
 * Account and region of the ECR that images.json names, or what was given where it names none.
 *
 * @throws PipelineError MS-PIPE-020 when both are known and differ: the other registry holds no such digest
 */
export function handOffRegistry(json: string, given: RegistryPlace): RegistryPlace {
  const hosts = recordsSchema.parse(JSON.parse(json)).map(({ ref = "" }) => ECR_HOST.exec(ref));
  const found = hosts.find((host) => host !== null);
  const [registry, account, region] = found ?? [];
  if (account === undefined || region === undefined) return given;
  const options = [
    ["account", given.account, account],
    ["region", given.region, region],
  ] as const;
  for (const [option, asked, named] of options)
    if (asked !== undefined && asked !== named)
      throw new PipelineError(
        "MS-PIPE-020",
        `images.json names the registry ${registry}, and --${option} is ${asked}`,
      );
  return { account, region };
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
  const names = [...new Set(records.map((record) => chosenPlatform(record, wanted)))];
  const [platform, ...others] = new Set(names.map(platformOf));
  const said = `images.json names ${names.length > 0 ? `images for ${names.join(" and ")}` : "no image"}`;
  if (platform === undefined || others.length > 0)
    throw new PipelineError("MS-PIPE-015", `${said}; tasks run on one of ${knownPlatforms()}`);
  if (wanted !== undefined && wanted !== platform)
    throw new PipelineError("MS-PIPE-015", `${said}, and --platform is ${wanted.name}`);
  return platform;
}

/** The one that an image is for; of an index the one wanted, or the one that is deployed by default. */
function chosenPlatform(
  { platform, platforms }: z.infer<typeof recordsSchema>[number],
  { name }: Platform = DEPLOYED_PLATFORM,
): string {
  if (platforms === undefined) return platform;
  return platforms.includes(name) ? name : (platforms[0] ?? name);
}
