/** A layer made of single files: where each comes from, and where it lies in the image. */
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StepContext } from "./step.ts";

/** Content of one path: a copy of a host's file, a text, a link's target, or an empty directory. */
export type LayerEntry =
  | { copy: string; executable?: boolean }
  | { text: string }
  | { link: string }
  | { directory: true };

/** Entries by absolute path in the image. */
export type LayerEntries = Readonly<Record<string, LayerEntry>>;

/** Writes the entries as a tar whose bytes depend on nothing but their content. */
export async function writeLayer(context: StepContext, entries: LayerEntries, tar: string): Promise<void> {
  const tree = `${tar}.tree`;
  rmSync(tree, { recursive: true, force: true });
  for (const [path, entry] of Object.entries(entries)) place(join(tree, path), entry);
  await tarTree(context, tree, tar);
  rmSync(tree, { recursive: true });
}

/** Packs a directory as a layer: owned by root, sorted, without times. */
export async function tarTree(context: StepContext, tree: string, tar: string): Promise<void> {
  const fixed = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
  await context.run("tar", ["-C", tree, ...fixed, "-cf", tar, "."]);
}

function place(path: string, entry: LayerEntry): void {
  mkdirSync("directory" in entry ? path : dirname(path), { recursive: true });
  if ("copy" in entry) {
    copyFileSync(entry.copy, path);
    if (entry.executable) chmodSync(path, 0o755);
  } else if ("text" in entry) writeFileSync(path, entry.text);
  else if ("link" in entry) symlinkSync(entry.link, path);
}
