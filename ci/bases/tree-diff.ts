/** What one path of a file tree is, as far as an image layer tells. */
export interface Entry {
  type: "file" | "directory" | "link" | "other";
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtimeMs: number;
  /** Target of a symbolic link. */
  target?: string;
}

/** Paths relative to the tree's root, without a leading slash. */
export type Tree = ReadonlyMap<string, Entry>;

export interface TreeDiff {
  /** Paths that are new or differ, parents before children. */
  written: string[];
  /** Topmost paths that are gone. */
  removed: string[];
}

/** The difference that a layer on top of `before` needs to look like `after`. */
export function diffTrees(before: Tree, after: Tree): TreeDiff {
  const written = [...after]
    .filter(([path, entry]) => !isSame(before.get(path), entry))
    .map(([path]) => path);
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const isGone = new Set(gone);
  return {
    written: written.sort(byName),
    removed: gone.filter((path) => !isGone.has(parentOf(path))).sort(byName),
  };
}

/** The marker by which a layer says that `path` of a lower layer is gone. */
export function whiteoutOf(path: string): string {
  const parent = parentOf(path);
  const name = path.slice(parent === "" ? 0 : parent.length + 1);
  return parent === "" ? `.wh.${name}` : `${parent}/.wh.${name}`;
}

function isSame(before: Entry | undefined, after: Entry): boolean {
  if (before === undefined || before.type !== after.type) return false;
  if (before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid) return false;
  if (after.type === "link") return before.target === after.target;
  // A directory's time and size change with its children, which are compared themselves.
  return after.type === "directory" || (before.size === after.size && before.mtimeMs === after.mtimeMs);
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
