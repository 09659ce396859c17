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
const TAG = "stack";
const LOAD = 'tar -C "$1" -cf - blobs manifest.json | docker load --quiet';

/** Reference under which Docker keeps the image of a service. */
export function imageReference(name: string): string {
  return `${PREFIX}/${name}:${TAG}`;
}

/** References of every image, by the service's name; those of profiles are public ones, which Docker pulls. */
export function imageReferences(system: SystemSpec): Record<string, string> {
  const own = Object.fromEntries([...system.keys()].map((name) => [name, imageReference(name)]));
  return { ...own, ...VERSIONS.profileImages };
}

/**
 * Loads the image of every service.
 *
 * @param directory has an OCI layout `<name>/` or an archive of one, `<name>.tar`, for each service
 * @returns names of those that were not there yet
 * @throws StackError MS-STACK-004 when an image is missing, MS-STACK-005 when Docker refuses one
 */
export async function loadImages(directory: string, system: SystemSpec): Promise<string[]> {
  const loaded: string[] = [];
  for (const name of system.keys())
    if (await loadImage(await layoutOf(directory, name), imageReference(name))) loaded.push(name);
  return loaded;
}

async function loadImage(layout: string, reference: string): Promise<boolean> {
  const image = imageIn(layout);
  const { stdout } = await docker("image", "inspect", "--format", "{{.Id}}", reference);
  // Docker's own id of an image is the digest of its configuration, or of its manifest in the newer store.
  if ([image.manifest.config.digest, image.descriptor.digest].includes(stdout.trim())) return false;
  writeFileSync(`${layout}/manifest.json`, dockerManifest(image, reference));
  const { exitCode, stderr } = await runCommand("sh", ["-euc", LOAD, "sh", layout]);
  if (exitCode !== 0) throw new StackError("MS-STACK-005", `docker load of ${reference}: ${stderr.trim()}`);
  return true;
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
