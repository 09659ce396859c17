import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Entry, Tree } from "./tree-diff.ts";

const PERMISSIONS = 0o7777;

/** List everything below a folder, without following links or leaving its file system. */
export function readTree(root: string): Tree {
  const tree = new Map<string, Entry>();
  const device = lstatSync(root).dev;
  const walk = (folder: string) => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === "" ? name : `${folder}/${name}`;
      const stats = lstatSync(join(root, path));
      if (stats.dev !== device) continue;
      tree.set(path, toEntry(stats, join(root, path)));
      if (stats.isDirectory()) walk(path);
    }
  };
  walk("");
  return tree;
}

function toEntry(stats: Stats, path: string): Entry {
  const { uid, gid, size, mtimeMs } = stats;
  const entry = { mode: stats.mode & PERMISSIONS, uid, gid, size, mtimeMs };
  if (stats.isSymbolicLink()) return { ...entry, type: "link", target: readlinkSync(path) };
  return { ...entry, type: stats.isDirectory() ? "directory" : stats.isFile() ? "file" : "other" };
}
