import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StepContext } from "../engine/step.ts";
import { contentOf } from "./layer-content.ts";
import { readTree } from "./read-tree.ts";
import { diffTrees, type Tree, whiteoutOf } from "./tree-diff.ts";

/**
 * Newest time of a file in a layer, in seconds since 1970: files that an installation creates get this one,
 * so that the same packages give the same digest, and everything built on a base stays cached.
 */
export const NEWEST = 1_767_225_600;

/** Write the tar of what `root` has beyond `lower` (everything, without `lower`). */
export async function writeLayer(ctx: StepContext, root: string, tar: string, lower?: string): Promise<void> {
  const before: Tree = lower === undefined ? new Map() : contentOf(readTree(lower));
  const { written, removed } = diffTrees(before, contentOf(readTree(root)));
  mkdirSync(dirname(tar), { recursive: true });
  await pack(ctx, root, written, ["--create", "--file", tar]);
  if (removed.length === 0) return;
  const marks = mkdtempSync(`${tar}-removed-`);
  const names = removed.map(whiteoutOf);
  for (const name of names) {
    mkdirSync(dirname(join(marks, name)), { recursive: true });
    writeFileSync(join(marks, name), "");
  }
  await pack(ctx, marks, names, ["--append", "--file", tar]);
  rmSync(marks, { recursive: true });
}

async function pack(
  ctx: StepContext,
  root: string,
  paths: readonly string[],
  action: string[],
): Promise<void> {
  const times = ["--clamp-mtime", `--mtime=@${NEWEST}`];
  const names = ["--no-recursion", "--null", "--verbatim-files-from", "--files-from=-"];
  const input = paths.map((path) => `${path}\0`).join("");
  await ctx.run(
    "tar",
    ["--directory", root, "--numeric-owner", "--format=gnu", ...times, ...action, ...names],
    { input },
  );
}
