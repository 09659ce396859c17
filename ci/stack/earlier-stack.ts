/** What Docker holds under the name of a project before anything is done to it: whose it is, and whose data. */
import { realpathSync, statSync } from "node:fs";
import { NATS_PUBLIC_KEYS_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { askDocker } from "./daemon.ts";
import { StackError } from "./stack-error.ts";
import { keysFingerprint } from "./stack-keys.ts";

const PROJECT_LABEL = "com.docker.compose.project";
const DIRECTORY_LABEL = "com.docker.compose.project.working_dir";

/** Labels of a volume that a stack made, beside compose's own. */
export const VOLUME_LABELS = {
  project: PROJECT_LABEL,
  volume: "com.docker.compose.volume",
  /** Fingerprint of the keys that the data belongs to. */
  keys: "io.mistersmith.stack.keys",
  /** Directory with those keys. */
  directory: "io.mistersmith.stack.directory",
} as const;

/** A volume that compose or a stack made; one that a person made by hand has no such labels, and is theirs to fill. */
export interface DataVolume {
  name: string;
  /** Its name in the emitted file. */
  volume: string;
  /** Unknown of volumes that an older version made. */
  keys: string | undefined;
  directory: string | undefined;
}

/** Everything that there is of a project. */
export interface EarlierStack {
  project: string;
  /** Directories that its containers were made from, running or not. */
  directories: readonly string[];
  volumes: readonly DataVolume[];
}

interface InspectedVolume {
  Name: string;
  Labels: Record<string, string> | null;
}

/**
 * Asks Docker.
 *
 * @throws StackError MS-STACK-014
 */
export async function findEarlierStack(project: string): Promise<EarlierStack> {
  const ofProject = ["--filter", `label=${PROJECT_LABEL}=${project}`];
  const format = `{{.Label "${DIRECTORY_LABEL}"}}`;
  const directories = linesOf(await askDocker("ps", "--all", ...ofProject, "--format", format));
  const names = linesOf(await askDocker("volume", "ls", "--quiet", ...ofProject));
  const text = names.length > 0 ? await askDocker("volume", "inspect", ...names) : "[]";
  const volumes = (JSON.parse(text) as InspectedVolume[]).map(({ Name, Labels }) => ({
    name: Name,
    volume: Labels?.[VOLUME_LABELS.volume] ?? "",
    keys: Labels?.[VOLUME_LABELS.keys],
    directory: Labels?.[VOLUME_LABELS.directory],
  }));
  return { project, directories: [...new Set(directories)], volumes };
}

/**
 * Makes sure that it is not the stack of another checkout, which still has the keys.
 *
 * @param directory of the stack that is to be started or taken down
 * @throws StackError MS-STACK-012
 */
export function refuseOthers({ project, directories, volumes }: EarlierStack, directory: string): void {
  const own = soundKeys(directory);
  // Data of a directory that was copied belongs to the copy as well.
  const foreign = volumes.filter(({ keys }) => own === undefined || keys !== own);
  const places = [...directories, ...foreign.flatMap((volume) => volume.directory ?? [])];
  const other = places.find((place) => !isSame(place, directory) && hasStack(place));
  if (other) throw new StackError("MS-STACK-012", `the stack \`${project}\` is that of ${other}`);
}

/**
 * Makes sure that the data that is there belongs to the keys that will be used: with others Postgres lets nobody in.
 *
 * @param keyed names of the volumes, as the emitted file has them, whose data belongs to keys
 * @throws StackError MS-STACK-011
 */
export function refuseForeignData(
  { volumes }: EarlierStack,
  directory: string,
  keyed: readonly string[],
): void {
  const data = volumes.filter(({ volume }) => keyed.includes(volume));
  const own = keysFingerprint(directory);
  const foreign = data.filter(({ keys }) => own === undefined || (keys !== undefined && keys !== own));
  if (foreign.length === 0) return;
  const names = foreign.map(({ name }) => name).join(", ");
  const [from] = foreign.flatMap((volume) => volume.directory ?? []);
  const made = from && !isSame(from, directory) ? `; its keys were in ${from}` : "";
  const fault =
    own === undefined
      ? `there is data of an earlier stack in ${names}, but no keys in ${directory}`
      : `the data in ${names} belongs to other keys than those in ${directory}`;
  throw new StackError("MS-STACK-011", `${fault}${made}`);
}

/** Keys that are broken are as good as none, and taking the stack down is the way out. */
function soundKeys(directory: string): string | undefined {
  try {
    return keysFingerprint(directory);
  } catch (error) {
    if (error instanceof StackError && error.code === "MS-STACK-007") return undefined;
    throw error;
  }
}

/** A place that we may not look into is somebody's: only what is gone is nobody's. */
function hasStack(directory: string): boolean {
  try {
    statSync(`${directory}/${NATS_PUBLIC_KEYS_FILE}`);
    return true;
  } catch (error) {
    return !["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

function isSame(one: string, other: string): boolean {
  return realPath(one) === realPath(other);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
