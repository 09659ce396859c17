/** Every version and base image of the project, as in ci/versions.json. */
import { z } from "zod";

const npmPackage = z.object({ package: z.string().min(1), version: z.string().min(1) });
const goModule = z.object({
  module: z.string().min(1),
  version: z.string().min(1),
  /** Go that builds it, where that of the image is too old. */
  toolchain: z.string().optional(),
});

const versionsSchema = z.object({
  engine: z.object({ dagger: z.string() }),
  images: z.record(z.string(), z.string().min(1)),
  profileImages: z.record(z.string(), z.string().min(1)),
  npm: z.record(z.string(), npmPackage),
  go: z.record(z.string(), goModule),
  cargo: z.record(z.string(), z.string().min(1)),
  pypi: z.record(z.string(), z.string().min(1)),
});

/** Content of ci/versions.json. */
export type Versions = z.infer<typeof versionsSchema>;

/** Reads ci/versions.json. */
export function parseVersions(text: string): Versions {
  return versionsSchema.parse(JSON.parse(text));
}

/** Takes an entry that must be there; a missing one is named. */
export function versionOf<T>(entries: Readonly<Record<string, T>>, name: string): T {
  const entry = entries[name];
  if (entry === undefined) throw new Error(`ci/versions.json has no ${name}`);
  return entry;
}
