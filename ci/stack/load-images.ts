/** Puts images that the pipeline exported into Docker, each only when it is not there yet. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import { VERSIONS } from "../bases/versions.ts";
import { docker } from "../engine/docker-daemon.ts";
import { runCommand } from "../engine/run-command.ts";
import { dockerManifest, type LayoutFacts, readLayout } from "./oci-layout.ts";
import { StackError } from "./stack-error.ts";

// No registry has this name, so that nothing of the same name is ever pulled instead.
const PREFIX = "localhost/mistersmith";
const TAG = "stack";
/** Docker's archive format: what `docker load` has always taken. */
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
  const facts = factsOf(layout);
  const { stdout } = await docker("image", "inspect", "--format", "{{.Id}}", reference);
  if ([facts.configDigest, facts.digest].includes(stdout.trim())) return false;
  writeFileSync(`${layout}/manifest.json`, dockerManifest(facts, reference));
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

function factsOf(layout: string): LayoutFacts {
  try {
    return readLayout(layout);
  } catch (error) {
    throw new StackError("MS-STACK-004", error instanceof Error ? error.message : String(error));
  }
}
