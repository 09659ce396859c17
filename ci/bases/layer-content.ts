import type { Entry, Tree } from "./tree-diff.ts";

/** Folders that belong to a running system: nothing below them is ever part of an image. */
const RUNTIME = [
  "dev",
  "proc",
  "sys",
  "var/cache/apt",
  "var/cache/ldconfig",
  "var/lib/apt/lists",
  "tmp",
  "var/tmp",
  "root",
];
/** Folders whose own folders count, but whose files are leftovers of an installation. */
const LEFTOVERS = ["run", "var/log"];
/** Files of the machine that built the tree, and backups that would differ from build to build. */
const FILES =
  /^etc\/(resolv\.conf|hosts|hostname|[^/]+-|\.pwd\.lock)$|^var\/(cache\/debconf|lib\/dpkg)\/[^/]+-old$/;
/** What the home folder of root has in Debian itself. */
const KEPT = new Set(["root/.bashrc", "root/.profile"]);

/** Whether a path of an installed tree belongs into a layer. */
export function isContent(path: string, type: Entry["type"]): boolean {
  if (KEPT.has(path)) return true;
  if (RUNTIME.some((folder) => path.startsWith(`${folder}/`)) || FILES.test(path)) return false;
  return type === "directory" || !LEFTOVERS.some((folder) => path.startsWith(`${folder}/`));
}

/** The part of a tree that belongs into a layer. */
export function contentOf(tree: Tree): Tree {
  return new Map([...tree].filter(([path, entry]) => isContent(path, entry.type)));
}
