/** Puts images that the pipeline exported into Docker, each only when it is not there yet. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import { type LayoutImage, readImage } from "../../dagger/steps/read-layout.mjs";
import { VERSIONS } from "../bases/versions.ts";
import { docker } from "../engine/docker-daemon.ts";
import { runCommand } from "../engine/run-command.ts";
import { dockerManifest } from "./docker-archive.ts";
import { StackError } from "./stack-error.ts";

// No registry has this name, so that nothing of the same name is ever pulled instead.
const PREFIX = "localhost/mistersmith";
const REFERENCE = new RegExp(`${PREFIX}/[a-z-]+:[0-9a-z]+`, "g");
const TAG_LENGTH = 16;
const LOAD = 'tar -C "$1" -cf - blobs manifest.json | docker load --quiet';

/**
 * Loads the image of every service. The tag is the content's: what is there under it is the same, whichever of Docker's stores
 * keeps it and whatever id that gives it, and another checkout's image is another tag.
 *
 * @param directory has an OCI layout `<name>/` or an archive of one, `<name>.tar`, for each service
 * @returns references of all, by the service's name; those of profiles are public images, which Docker pulls
 * @throws StackError MS-STACK-004 when an image is missing, MS-STACK-005 when Docker refuses one
 */
export async function loadImages(directory: string, system: SystemSpec): Promise<Record<string, string>> {
  const references: Record<string, string> = {};
  for (const name of system.keys()) references[name] = await loadImage(name, await layoutOf(directory, name));
  return { ...references, ...VERSIONS.profileImages };
}

/** References of images that were loaded for a stack, in its compose file. */
export function loadedReferences(composeText: string): string[] {
  return [...new Set(composeText.match(REFERENCE) ?? [])];
}

/** References of images that any checkout loaded into this Docker. */
export async function imagesThere(): Promise<string[]> {
  const filter = ["--filter", `reference=${PREFIX}/*`];
  const { stdout } = await docker("image", "ls", ...filter, "--format", "{{.Repository}}:{{.Tag}}");
  return loadedReferences(stdout);
}

/** Removes images; one that a container still has is left. */
export async function removeImages(references: readonly string[]): Promise<void> {
  for (const reference of references) await docker("image", "rm", reference);
}

async function loadImage(name: string, layout: string): Promise<string> {
  const image = imageIn(layout);
  const [, digest = ""] = image.manifest.config.digest.split(":");
  const reference = `${PREFIX}/${name}:${digest.slice(0, TAG_LENGTH)}`;
  if ((await docker("image", "inspect", "--format", "{{.Id}}", reference)).exitCode === 0) return reference;
  writeFileSync(`${layout}/manifest.json`, dockerManifest(image, reference));
  const { exitCode, stderr } = await runCommand("sh", ["-euc", LOAD, "sh", layout]);
  if (exitCode !== 0) throw new StackError("MS-STACK-005", `docker load of ${reference}: ${stderr.trim()}`);
  return reference;
}

async function layoutOf(directory: string, name: string): Promise<string> {
  const archive = `${directory}/${name}.tar`;
  if (!existsSync(archive)) return `${directory}/${name}`;
  const unpacked = `${directory}/unpacked/${name}`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  const { exitCode, stderr } = await runCommand("tar", ["-C", unpacked, "-xf", archive]);
  if (exitCode !== 0) throw new StackError("MS-STACK-004", `${archive} is no archive: ${stderr.trim()}`);
  return unpacked;
}

function imageIn(layout: string): LayoutImage {
  try {
    return readImage(layout);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new StackError("MS-STACK-004", `${layout}: ${cause}`);
  }
}
