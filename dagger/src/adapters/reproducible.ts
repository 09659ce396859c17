/** Same input, same digest: builds an image again without any cache and compares. */
import { PipelineError } from "../errors.ts";
import { type BuildRecord, buildsTable, differingBuilds } from "../text/builds.ts";
import { buildImage } from "./build-images.ts";
import { newNonce } from "./nonce.ts";
import { normaliseImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";

/**
 * Compares.
 *
 * @param names images separated by commas, or `all`
 * @throws PipelineError MS-ECR-012 when two builds of an image differ
 */
export async function compareBuilds(project: Project, names: string, builds: number): Promise<string> {
  const all = project.ownServices().map(({ name }) => name);
  const chosen = names === "all" ? all : names.split(",").map((name) => name.trim());
  const unknown = chosen.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new PipelineError("MS-PIPE-002", `no image ${unknown.join(", ")}; there are ${all.join(", ")}`);
  const records: BuildRecord[] = [];
  // One after the other: beside one another they would only wait for the same cores.
  for (const name of chosen) {
    records.push(await built(project, name, "as published"));
    for (let run = 1; run <= builds; run++)
      records.push(await built(project.uncached(newNonce()), name, `without cache ${run}`));
  }
  const differing = differingBuilds(records);
  if (differing.length === 0) return buildsTable(records);
  throw new PipelineError("MS-ECR-012", `builds differ: ${differing.join(", ")}`, buildsTable(records));
}

async function built(project: Project, name: string, build: string): Promise<BuildRecord> {
  const container = project.withoutRun(await buildImage(project, name));
  const { facts } = await normaliseImage(project, project.spec(name), container);
  return { name, build, digest: facts.digest, layers: facts.layers.map(({ digest }) => digest) };
}
