/** Builds stand-ins of the public base images: `tsx ci/bases/main.ts REGISTRY [NAME...]`. */
import { pathToFileURL } from "node:url";
import { makeReadable } from "../engine/state.ts";
import { progress } from "../engine/step.ts";
import { BaseError } from "./base-error.ts";
import { buildBase } from "./build-base.ts";
import { debian } from "./debian.ts";
import { golang } from "./golang.ts";
import { nats } from "./nats.ts";
import { node } from "./node.ts";
import { postgres } from "./postgres.ts";
import { push } from "./push.ts";
import { python } from "./python.ts";
import type { Recipe } from "./recipe.ts";
import { registry as dockerRegistry } from "./registry.ts";
import { rust } from "./rust.ts";

/** In the order in which others wait for them; Debian is below most of them. */
const RECIPES: Readonly<Record<string, () => Promise<Recipe>>> = {
  debian,
  node,
  nats,
  postgres,
  rust,
  golang,
  python,
  registry: dockerRegistry,
};
const LANES = 2;

/** Names of all bases, in the order in which they are built. */
export const BASE_NAMES: readonly string[] = Object.keys(RECIPES);

/**
 * Build the stand-ins of the public base images and push them as `REGISTRY/library/NAME:TAG`.
 * What is built is not built again; what the registry holds is not pushed again.
 *
 * @param registry host and port of a registry that speaks plain HTTP
 * @param names which ones; all of them without it
 * @throws BaseError before anything is built, or when a push fails; StepError of the step that failed
 */
export async function buildBases(registry: string, names: readonly string[] = BASE_NAMES): Promise<void> {
  const recipes = await collect(names);
  const lowest = await debian();
  await deliver(
    lowest,
    lowest,
    registry,
    recipes.some((recipe) => recipe.name === lowest.name),
  );
  const waiting = recipes.filter((recipe) => recipe.name !== lowest.name);
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await deliver(next, lowest, registry);
  };
  // A lane that fails leaves nothing for the other one to begin.
  const ends = await Promise.allSettled(
    Array.from({ length: LANES }, () => lane().finally(() => waiting.splice(0))),
  );
  // Only now: nothing of ours runs on after the caller was told.
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** All recipes, so that whatever the machine lacks is said before the first build. */
async function collect(names: readonly string[]): Promise<Recipe[]> {
  if (process.platform !== "linux" || process.arch !== "x64" || process.getuid?.() !== 0) {
    throw new BaseError(
      "MS-BASE-006",
      `this is ${process.platform} ${process.arch}, user ${process.getuid?.()}`,
    );
  }
  const recipes: Recipe[] = [];
  for (const name of names) {
    const recipe = RECIPES[name];
    if (recipe === undefined)
      throw new BaseError("MS-BASE-007", `no base is called ${name}; there are ${BASE_NAMES.join(", ")}`);
    recipes.push(await recipe());
  }
  return recipes;
}

async function deliver(recipe: Recipe, lowest: Recipe, registry: string, isWanted = true): Promise<void> {
  const layout = await buildBase(recipe, lowest);
  if (!isWanted) return;
  for (const reference of recipe.references) {
    if ((await push(layout, registry, reference)) === "pushed")
      progress(`base-${recipe.name}`, `pushed ${reference.text}`);
  }
}

async function main([registry, ...names]: string[]): Promise<number> {
  if (registry === undefined) {
    console.error("usage: tsx ci/bases/main.ts HOST:PORT [NAME...]");
    return 64;
  }
  try {
    await buildBases(registry, names.length > 0 ? names : BASE_NAMES);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  makeReadable();
  process.exitCode = await main(process.argv.slice(2));
}
