import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashFiles } from "../engine/fingerprint.ts";
import { type ImageConfig, writeOciImage } from "../engine/oci-layout.ts";
import { stateDir } from "../engine/state.ts";
import { step } from "../engine/step.ts";
import type { Recipe } from "./recipe.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
/** Files that decide what every base holds; a recipe's own file and folder come on top. */
const COMMON = ["layer.ts", "layer-content.ts", "tree-diff.ts", "root.ts", "build-base.ts"];

/** Tag inside an OCI layout. */
export const LAYOUT_TAG = "base";

/** Build one base unless it is built; returns the folder of its OCI layout. */
export async function buildBase(recipe: Recipe, debian: Recipe): Promise<string> {
  const folder = join(stateDir(), "bases");
  const tree = join(folder, "debian-tree");
  const layerOf = (name: string) => join(folder, `${name}.tar`);
  const layout = join(folder, "images", recipe.name);
  const isDebian = recipe.name === debian.name;
  const outputs = isDebian ? [layout, tree, layerOf(recipe.name)] : [layout];
  const lower = recipe.onDebian ? inputsOf(debian) : null;
  await step(`base-${recipe.name}`, { own: inputsOf(recipe), lower }, outputs, async (ctx) => {
    const scratch = join(folder, "scratch", recipe.name);
    rmSync(scratch, { recursive: true, force: true });
    const layer = layerOf(recipe.name);
    await recipe.build({ ctx, debian: tree, scratch, layer });
    const layers = recipe.onDebian ? [layerOf(debian.name), layer] : [layer];
    await writeOciImage({ dir: layout, layers, config: configOf(recipe), tag: LAYOUT_TAG });
    rmSync(scratch, { recursive: true, force: true });
    // Only Debian's layer is needed again.
    if (!isDebian) rmSync(layer);
  });
  return layout;
}

/** The image's configuration with the labels that tell a stand-in from the public image. */
export function configOf({ name, references, version, config }: Recipe): ImageConfig {
  const labels = {
    "org.opencontainers.image.title": name,
    "org.opencontainers.image.version": version,
    "io.mistersmith.stand-in": "true",
    "io.mistersmith.stand-in.of": references.map((reference) => reference.text).join(" "),
  };
  return { ...config, Labels: { ...config.Labels, ...labels } };
}

function inputsOf(recipe: Recipe): unknown {
  const own = readdirSync(SOURCES).filter((name) => name === recipe.name || name === `${recipe.name}.ts`);
  const files = [...COMMON, ...own].map((name) => join(SOURCES, name)).filter((path) => existsSync(path));
  return { inputs: recipe.inputs, config: configOf(recipe), sources: hashFiles(files) };
}
