/** Publishes the images for every platform and looks whether they are there and run. */
import { explained, PipelineError } from "../errors.ts";
import { indexProblems } from "../publication/held-index.ts";
import { MOVING_TAG } from "../publication/repository.ts";
import type { OwnService } from "../spec/parse-system.ts";
import { isForeign, PLATFORMS, type Platform } from "../spec/platform.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import { textTable } from "../text/table.ts";
import { type RegistryRun, registryClient } from "./attest-images.ts";
import { buildPlatforms, type PlatformBuild, type PublishedImage } from "./build-platforms.ts";
import { newNonce } from "./nonce.ts";
import { withRegistry } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { planAt } from "./publish.ts";
import { openPlace } from "./publish-place.ts";
import { readIndex } from "./read-index.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** Commands of each image that need nothing but the program and what it loads. */
const COMMANDS: Readonly<Record<OwnService, readonly string[]>> = {
  supervisor: ["/supervisor --version"],
  "claude-worker": ["/usr/local/bin/claude-worker --version", "/usr/local/bin/claude --version"],
  "mcp-gateway": ["/usr/local/bin/node --version", "/usr/local/bin/node /app/mcp-gateway.mjs --version"],
  tools: [
    "/usr/local/bin/msctl --version",
    "/usr/local/bin/nats --version",
    "/usr/local/bin/crane version",
    "/usr/bin/jq --version",
    "/usr/bin/curl --version",
  ],
};

/** A registry that was published to. */
interface Published extends RegistryRun {
  tag: string;
}

/**
 * Checks.
 *
 * @throws PipelineError MS-PIPE-010 when a platform cannot be built, MS-ECR-013 when the registry does not hold what was
 *   published, MS-PIPE-001 when a program does not run
 */
export async function checkPlatforms(project: Project): Promise<string> {
  const build = await buildPlatforms(project, PLATFORMS);
  const nonce = newNonce();
  const place = await openPlace(project, { kind: "local" }, nonce);
  // The registry inside the graph outlives a run: what it holds under a tag stays there, and what is published is not ours.
  const tag = `${project.release}-${nonce}`;
  const images = build.published.map(apart);
  const { run } = await planAt(project, place, images, () => [tag, MOVING_TAG], nonce);
  await run();
  const published = { access: place.access, tag, nonce };
  for (const image of images) await checkIndex(project, image, build, published);
  const foreign = PLATFORMS.filter((platform) => isForeign(platform, project.engine));
  const rows: string[][] = [];
  for (const image of images)
    for (const platform of foreign)
      for (const line of await runPrograms(project, image, platform, published))
        rows.push([image.spec.name, platform.name, line]);
  return textTable(["image", "platform", "program"], rows);
}

function apart(image: PublishedImage): PublishedImage {
  const { spec } = image;
  return { ...image, spec: { ...spec, repository: `mistersmith/platforms/${spec.name}` } };
}

async function checkIndex(
  project: Project,
  image: PublishedImage,
  { images }: PlatformBuild,
  published: Published,
): Promise<void> {
  const name = nameOf(image, published);
  const variants = images.filter(({ spec }) => spec.name === image.spec.name);
  const expected = {
    digest: image.facts.digest,
    images: variants.map(({ platform, facts }) => ({ platform, digest: facts.digest })),
  };
  const problems = indexProblems(expected, await readIndex(project, published, name));
  if (problems.length > 0)
    throw new PipelineError("MS-ECR-013", `${name}: ${problems[0]}`, problems.slice(1).join("\n"));
}

/** Lines that say which programs ran, and what they said. */
async function runPrograms(
  project: Project,
  image: PublishedImage,
  platform: Platform,
  published: Published,
): Promise<string[]> {
  const debian = withDebianPackages(project.base("debian"), ["ca-certificates", "qemu-user-static"]);
  const reference = `${published.access.address}/${nameOf(image, published)}`;
  const run = (await withRegistry(debian, published.access))
    .withFile("/usr/local/bin/crane", registryClient(project).file("/usr/local/bin/crane"))
    .withDirectory("/steps", stepScripts("run-foreign.sh"))
    .withEnvVariable("RUN", published.nonce)
    .withExec([
      ...["/steps/run-foreign.sh", platform.machine, platform.elf, platform.name],
      ...[reference, published.access.insecure ? "--insecure" : ""],
      ...COMMANDS[image.spec.name as OwnService],
    ]);
  const text = await explained("MS-PIPE-001", `running ${image.spec.name} for ${platform.name}`, () =>
    run.stdout(),
  );
  return text.trim().split("\n");
}

function nameOf({ spec }: PublishedImage, { tag }: Published): string {
  return `${repositoryOf(spec)}:${tag}`;
}
