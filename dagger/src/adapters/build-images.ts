/** The four images, one function each. */
import type { Container } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { OWN_SERVICES, type OwnService } from "../spec/parse-system.ts";
import { platformOf } from "../spec/platform.ts";
import { buildGatewayBundle, nodeProgram } from "./build-node.ts";
import { RustWorkspace } from "./build-rust.ts";
import { operatorPrograms } from "./build-tools.ts";
import { claudeCli, slimDebian } from "./build-worker.ts";
import { finishImage, HOME, minimalEtc } from "./finish-image.ts";
import { type BuiltImage, normaliseImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";

/** What a caller may replace. */
export interface ImageOptions {
  /** Base image of the claude-worker; without it Debian without what no job needs. */
  workerBase?: string;
}

/** Makes an image; its build has run when the promise resolves. */
export async function buildImage(
  project: Project,
  name: string,
  options: ImageOptions = {},
): Promise<Container> {
  const builders: Record<OwnService, () => Promise<Container>> = {
    supervisor: () => supervisorImage(project),
    "claude-worker": () => workerImage(project, options),
    "mcp-gateway": () => gatewayImage(project),
    tools: () => toolsImage(project),
  };
  const build = builders[name as OwnService];
  if (!build)
    throw new PipelineError("MS-PIPE-002", `no image ${name}; there are ${OWN_SERVICES.join(", ")}`);
  return build();
}

async function supervisorImage(project: Project): Promise<Container> {
  const spec = project.spec("supervisor");
  const rust = await RustWorkspace.open(project);
  const program = await rust.binary("supervisor");
  const image = project.scratch().withDirectory("/etc", minimalEtc(spec)).withFile("/supervisor", program);
  return finishImage(image, spec, project.release);
}

async function workerImage(project: Project, options: ImageOptions): Promise<Container> {
  const spec = project.spec("claude-worker");
  const rust = await RustWorkspace.open(project);
  const program = await rust.binary("claude-worker");
  const base = options.workerBase
    ? await givenBase(project, options.workerBase)
    : project.rooted(slimDebian(project));
  const image = base
    .withFile("/usr/local/bin/claude", claudeCli(project))
    .withFile("/usr/local/bin/claude-worker", program);
  return finishImage(image, spec, project.release);
}

// A reference without the platform that is asked for gives the image that it has.
async function givenBase(project: Project, reference: string): Promise<Container> {
  const base = project.scratch().from(reference);
  const found = await base.platform();
  if (platformOf(found) === project.platform) return base;
  throw new PipelineError(
    "MS-PIPE-010",
    `${reference} is an image for ${found}, not for ${project.platform.name}`,
  );
}

async function gatewayImage(project: Project): Promise<Container> {
  const spec = project.spec("mcp-gateway");
  const bundle = await buildGatewayBundle(project);
  const image = project
    .rooted(nodeProgram(project))
    .withDirectory("/etc", minimalEtc(spec))
    .withFile("/app/mcp-gateway.mjs", bundle);
  return finishImage(image, spec, project.release);
}

async function toolsImage(project: Project): Promise<Container> {
  const spec = project.spec("tools");
  const rust = await RustWorkspace.open(project);
  const [program, image] = await Promise.all([rust.binary("msctl"), operatorPrograms(project)]);
  const known = image.withDirectory("/etc", minimalEtc(spec)).withFile("/usr/local/bin/msctl", program);
  // Clients look for their settings below a home directory, and some give up when there is none.
  return finishImage(known, spec, project.release).withEnvVariable("HOME", HOME);
}

/** Builds every image at the same time and exports each. */
export async function buildAll(project: Project, options: ImageOptions = {}): Promise<BuiltImage[]> {
  return Promise.all(
    project.ownServices().map(async (spec) => {
      const container = await buildImage(project, spec.name, options);
      return normaliseImage(project, spec, container);
    }),
  );
}
