/** The digests of `images.json`, which a build or a publication writes. */
import { z } from "zod";
import type { SystemSpec } from "../../spec/service-spec.ts";

const recordsSchema = z.array(
  z.object({ name: z.string().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
);

/** Digest of each image, by its service. */
export type ImageDigests = Readonly<Record<string, string>>;

/** Reads images.json; what else it says of an image is left alone. */
export function parseImageDigests(json: string): ImageDigests {
  return Object.fromEntries(recordsSchema.parse(JSON.parse(json)).map(({ name, digest }) => [name, digest]));
}

/** Made-up digests, for whoever checks everything but the images. */
export function sampleDigests(system: SystemSpec): ImageDigests {
  const own = [...system.values()].filter(({ repository }) => repository !== undefined);
  return Object.fromEntries(
    own.map(({ name }, index) => [
      name,
      `sha256:${String(index + 1)
        .repeat(64)
        .slice(0, 64)}`,
    ]),
  );
}
