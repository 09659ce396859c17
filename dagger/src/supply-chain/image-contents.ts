/** What is inside of an image, as plain data: its configuration and the entries of each layer. */

/** One entry of a layer; the path is absolute and without a slash at its end. */
export interface LayerEntry {
  path: string;
  type: "file" | "directory" | "symlink" | "hardlink" | "other";
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
}

/** A pattern of a secret that was found in a file. */
export interface SecretHit {
  layer: number;
  path: string;
  pattern: string;
}

/** The part of an OCI image configuration that we look at. */
export interface ImageConfig {
  created?: string;
  config?: {
    User?: string;
    Env?: string[];
    Entrypoint?: string[];
    Cmd?: string[];
    Labels?: Record<string, string>;
  };
  history?: { created_by?: string; comment?: string; empty_layer?: boolean }[];
}

/** Everything that the lint looks at. */
export interface ImageContents {
  config: ImageConfig;
  layers: LayerEntry[][];
  secrets: SecretHit[];
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

/** The file system that a container sees: later layers replace and remove what earlier ones hold. */
export function mergedRoot(layers: readonly (readonly LayerEntry[])[]): Map<string, LayerEntry> {
  const root = new Map<string, LayerEntry>();
  for (const layer of layers) {
    for (const { path } of layer) removeHidden(root, path);
    for (const entry of layer) if (!baseName(entry.path).startsWith(WHITEOUT)) root.set(entry.path, entry);
  }
  return root;
}

/** Last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function removeHidden(root: Map<string, LayerEntry>, path: string): void {
  const name = baseName(path);
  if (!name.startsWith(WHITEOUT)) return;
  const directory = path.slice(0, -name.length);
  const hidden = name === OPAQUE ? undefined : directory + name.slice(WHITEOUT.length);
  for (const known of root.keys()) {
    const below = hidden === undefined ? known.startsWith(directory) : known.startsWith(`${hidden}/`);
    if (below || known === hidden) root.delete(known);
  }
}
