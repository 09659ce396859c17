/** Runs that put the other adapters together: builds, tests, checklist, the system itself. */
import type { Container } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { isForeign, parsePlatforms, refuseOtherPlatforms } from "../spec/platform.ts";
import { platformsTable, sizesTable, tooLarge } from "../text/sizes.ts";
import { testsTable } from "../text/test-results.ts";
import { buildImage, type ImageOptions } from "./build-images.ts";
import { buildPlatforms } from "./build-platforms.ts";
import { newNonce } from "./nonce.ts";
import type { Project } from "./project.ts";
import { runChecklist, runPlantedFaults } from "./run-checklist.ts";
import { type StackOptions, wireStack } from "./run-stack.ts";
import { runTests } from "./run-tests.ts";

/**
 * Every image of the system by the name of its service, to be run by the engine: built ones and those that are taken as
 * they are.
 *
 * @throws PipelineError MS-PIPE-013 for one whose programs the engine cannot run
 */
export async function systemImages(project: Project): Promise<Map<string, Container>> {
  const specs = [...project.system.values()];
  const images = await Promise.all(
    specs.map(async (spec): Promise<[string, Container]> => {
      if (spec.repository !== undefined) return [spec.name, await buildImage(project, spec.name)];
      return [spec.name, project.base(spec.image ?? spec.name)];
    }),
  );
  const platforms = images.map(async ([name, image]) => [name, await image.platform()] as const);
  refuseOtherPlatforms(await Promise.all(platforms), project.engine);
  return new Map(images);
}

/**
 * Builds all images for these platforms and shows their sizes.
 *
 * @throws PipelineError MS-PIPE-002 for an unknown platform, MS-PIPE-010 when a part cannot be had for one, MS-PIPE-006
 *   when an image is larger than it may be
 */
export async function buildRun(
  project: Project,
  names: readonly string[],
  options: ImageOptions,
): Promise<string> {
  const platforms = parsePlatforms(names, project.engine);
  const { images, published } = await buildPlatforms(project, platforms, options);
  const table = platforms.length === 1 ? sizesTable(images) : platformsTable(images, published);
  const large = tooLarge(images).map(({ spec, platform }) =>
    isForeign(platform, project.engine) ? `${spec.name} (${platform.name})` : spec.name,
  );
  if (large.length > 0) throw new PipelineError("MS-PIPE-006", `too large: ${large.join(", ")}`, table);
  return table;
}

/**
 * Runs the unit tests and linters.
 *
 * @throws PipelineError MS-PIPE-003 with the last lines of each part that failed
 */
export async function testRun(project: Project): Promise<string> {
  const results = await runTests(project);
  const text = testsTable(results);
  const failed = results.filter((result) => !result.green);
  if (failed.length === 0) return text;
  const evidence = failed.map((result) => `--- ${result.name}\n${result.evidence}`).join("\n");
  const names = failed.map((result) => result.name).join(", ");
  throw new PipelineError("MS-PIPE-003", `failed: ${names}`, `${evidence}\n${text}`);
}

/**
 * Runs the checklist.
 *
 * @throws PipelineError MS-PIPE-004 when a row is red
 */
export async function integrationRun(
  project: Project,
  options: { rows?: string; fault?: string },
): Promise<string> {
  const result = await runChecklist(project, await systemImages(project), { ...options, nonce: newNonce() });
  if (result.green) return result.text;
  throw new PipelineError("MS-PIPE-004", "the checklist is red", result.text);
}

/**
 * Plants the fault of each row alone.
 *
 * @throws PipelineError MS-PIPE-009 when one does not turn exactly its own row red
 */
export async function plantedRun(project: Project, faults: string | undefined): Promise<string> {
  const options = { nonce: newNonce(), ...(faults && { faults }) };
  const result = await runPlantedFaults(project, await systemImages(project), options);
  if (result.green) return result.text;
  throw new PipelineError("MS-PIPE-009", "a planted fault was not found out as it should be", result.text);
}

/** Wires the system; what is returned is to run as a service. */
export async function stackRun(project: Project, options: Omit<StackOptions, "nonce">): Promise<Container> {
  return wireStack(project, await systemImages(project), { ...options, nonce: newNonce() });
}
