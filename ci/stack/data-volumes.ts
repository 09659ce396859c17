/** Volumes with the data of a stack, marked with the keys that it belongs to. */
import { namedVolumes } from "../../dagger/src/emit/compose-volumes.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import { askDocker } from "./daemon.ts";
import { VOLUME_LABELS } from "./earlier-stack.ts";
import { keysFingerprint } from "./stack-keys.ts";

/** Names of the volumes, as the emitted file has them. */
export function volumeNames(system: SystemSpec): string[] {
  return [...system.values()].flatMap((spec) => namedVolumes(spec).map(({ name }) => name));
}

/**
 * Makes the volumes that are not there, before compose would: a label in the emitted file would be a change of every volume that
 * an older version made, and compose offers to throw such away. Volumes that are there stay as they are.
 *
 * @param directory with the keys
 * @throws StackError MS-STACK-014
 */
export async function makeVolumes(
  project: string,
  directory: string,
  names: readonly string[],
): Promise<void> {
  const keys = keysFingerprint(directory) ?? "";
  for (const name of names) {
    const labels = { project, volume: name, keys, directory };
    const words = Object.entries(labels).map(
      ([label, value]) => `${VOLUME_LABELS[label as keyof typeof labels]}=${value}`,
    );
    // Of one that is there Docker only says its name.
    await askDocker("volume", "create", ...words.flatMap((word) => ["--label", word]), `${project}_${name}`);
  }
}
