/** Runs ci/checklist against built images: as real containers, with the limits and rights of an orchestrator. */
import { type Container, type Directory, dag, type File, ReturnType } from "@dagger.io/dagger";
import { lastLines, PipelineError } from "../errors.ts";
import { nodeWorkspace } from "./build-node.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { withDebianPackages } from "./toolchains.ts";

const PACKAGES = ["runc", "iproute2", "util-linux"];
const SOURCES = [
  "package.json",
  "tsconfig.json",
  "ci/**",
  "dagger/src/**",
  "dagger/package.json",
  "services/**",
];
const NOT_NEEDED = ["**/node_modules", "**/target", "**/dist", "**/*.rs", "ci/engine/**", "ci/bases/**"];
const OUT = "/out/checklist";
const TAR = "/checklist.tar";

/** What a run may differ in. */
export interface ChecklistOptions {
  /** Rows separated by commas; empty runs all. */
  rows?: string;
  /** Rows whose planted fault is put in. */
  fault?: string;
  /** Makes this run its own: what is tested is behaviour in time, not content. */
  nonce: string;
}

/** How a run ended. */
export interface ChecklistResult {
  green: boolean;
  /** What the run printed. */
  text: string;
  /** checks.json and logs/. */
  out: Directory;
}

/** Runs the rows. A red row is a result, not an error. */
export async function runChecklist(
  project: Project,
  images: ReadonlyMap<string, Container>,
  options: ChecklistOptions,
): Promise<ChecklistResult> {
  const rows = options.rows ? ["--rows", options.rows] : [];
  const container = (await checklistContainer(project, images)).withEnvVariable("FAULT", options.fault ?? "");
  const run = start(container, options.nonce, ["ci/checklist/main.ts", ...rows]);
  const { code, stdout: text, stderr: errors } = await outcomeOf(run);
  if (!(await run.exists(`${OUT}/checks.json`)))
    throw new PipelineError(
      "MS-PIPE-005",
      `the checklist ended with ${code}`,
      lastLines(`${text}\n${errors}`),
    );
  return { green: code === 0, text: code === 0 ? text : `${text}\n${errors}`, out: run.directory(OUT) };
}

/** Plants each fault alone; green when each turned exactly its own row red. */
export async function runPlantedFaults(
  project: Project,
  images: ReadonlyMap<string, Container>,
  options: { faults?: string; nonce: string },
): Promise<Omit<ChecklistResult, "out">> {
  const faults = options.faults ? ["--faults", options.faults] : [];
  const run = start(await checklistContainer(project, images), options.nonce, [
    "ci/faults/main.ts",
    ...faults,
  ]);
  const { code, stdout: text, stderr: errors } = await outcomeOf(run);
  return { green: code === 0, text: code === 0 ? text : `${lastLines(errors)}\n${text}` };
}

/**
 * The checklist's own files, the programs that it needs and the root file systems of the images as one tar, with owners
 * and modes: what a machine without an engine needs to run it. What the engine mounts is not in it.
 */
export async function checklistTar(project: Project, images: ReadonlyMap<string, Container>): Promise<File> {
  const trees = [".", ...[...images.keys()].map((name) => `./images/${name}/rootfs`)];
  const options = ["--one-file-system", "--numeric-owner", `--exclude=.${TAR}`];
  return (await checklistContainer(project, images))
    .withExec(["tar", ...options, "-cf", TAR, "-C", "/", ...trees])
    .file(TAR);
}

function start(container: Container, nonce: string, program: readonly string[]): Container {
  return container
    .withEnvVariable("OUT_DIR", OUT)
    .withEnvVariable("IMAGES_DIR", "/images")
    .withEnvVariable("RUN", nonce)
    .withExec(["node_modules/.bin/tsx", ...program], {
      insecureRootCapabilities: true,
      expect: ReturnType.Any,
    });
}

/** The checklist with everything that it takes from outside. */
async function checklistContainer(
  project: Project,
  images: ReadonlyMap<string, Container>,
): Promise<Container> {
  let container = withDebianPackages(nodeWorkspace(project), PACKAGES).withDirectory(
    "/src",
    project.select(SOURCES, NOT_NEEDED),
  );
  for (const [name, image] of images) {
    const config = dag.directory().withNewFile("image.json", await imageConfig(image));
    container = container
      .withDirectory(`/images/${name}`, config)
      .withMountedDirectory(`/images/${name}/rootfs`, image.rootfs());
  }
  return container;
}

async function imageConfig(image: Container): Promise<string> {
  const [entrypoint, args, variables, workdir, user] = await Promise.all([
    image.entrypoint(),
    image.defaultArgs(),
    image.envVariables(),
    image.workdir(),
    image.user(),
  ]);
  const env = await Promise.all(
    variables.map(async (variable) => [await variable.name(), await variable.value()]),
  );
  return JSON.stringify({ entrypoint, args, env: Object.fromEntries(env), workdir: workdir || "/", user });
}
