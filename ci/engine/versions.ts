/** The versions that the bootstrap needs, from ci/versions.json. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const schema = z.object({
  engine: z.object({ dagger: z.string().regex(/^v\d+\.\d+\.\d+$/) }),
  images: z.record(z.string(), z.string()),
});

/** Parsed ci/versions.json. */
export const versions = schema.parse(
  JSON.parse(readFileSync(new URL("../versions.json", import.meta.url), "utf8")),
);

const CONTAINER = "dagger-engine-";

/** Name under which a stock dagger command looks for the engine container of its version. */
export function engineContainerOf(version: string): string {
  return `${CONTAINER}${version}`;
}

/** The version in such a name; undefined for another container's name. */
export function versionOfContainer(name: string): string | undefined {
  return name.startsWith(CONTAINER) ? name.slice(CONTAINER.length) : undefined;
}

/** Reference of the stock engine image of a version. */
export function engineImageOf(version: string): string {
  return `registry.dagger.io/engine:${version}`;
}

/** The engine that we build takes the stock names. */
export const engineContainer = engineContainerOf(versions.engine.dagger);
export const engineImage = engineImageOf(versions.engine.dagger);

/** Label on an engine image or container that was built here. */
export const standInLabel = "io.mistersmith.stand-in";

/** Label that tells of which inputs an image or container of ours was made. */
export const fingerprintLabel = "io.mistersmith.fingerprint";
