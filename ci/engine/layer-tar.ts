import type { StepContext } from "./step.ts";

/** A tar whose bytes depend on names, modes and contents alone. */
const REPRODUCIBLE = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];

/** Pack a folder into an uncompressed tar, optionally under another path. */
export async function packLayer(
  run: StepContext["run"],
  folder: string,
  tar: string,
  options: { below?: string; exclude?: string[] } = {},
): Promise<void> {
  const exclude = (options.exclude ?? []).map((pattern) => `--exclude=${pattern}`);
  // `S`: a link inside the folder keeps its target.
  const below = options.below === undefined ? [] : [`--transform=s,^\\.,${options.below},S`];
  await run("tar", ["-C", folder, "-cf", tar, ...REPRODUCIBLE, ...exclude, ...below, "."]);
}
