/** Gathers what the provenance of an image says: the digests of the bases that its build used. */
import { dag } from "@dagger.io/dagger";
import type { OwnService } from "../spec/parse-system.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import { versionOf } from "../spec/versions.ts";
import { buildOrigin } from "../supply-chain/build-origin.ts";
import {
  baseMaterial,
  type Material,
  type ProvenanceStatement,
  provenanceStatement,
} from "../supply-chain/provenance.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";

/** Label of a base image that stands in for the public one of the same name. */
const STAND_IN_LABEL = "io.mistersmith.stand-in";

/** Bases by their name in ci/versions.json; node normalises every image. */
const BASES: Readonly<Record<OwnService, readonly string[]>> = {
  supervisor: ["rust", "node"],
  "claude-worker": ["debian", "rust", "node"],
  "mcp-gateway": ["node"],
  tools: ["debian", "golang", "rust", "node"],
};

/** What the caller says about a build. */
export interface OriginArguments {
  source: string;
  revision: string;
  builder: string;
}

/**
 * Makes the statement of an image.
 *
 * @throws PipelineError MS-SUPPLY-013 when the caller's words say nothing
 */
export async function imageProvenance(
  project: Project,
  { spec, facts }: BuiltImage,
  given: OriginArguments,
): Promise<ProvenanceStatement> {
  const origin = buildOrigin({ ...given, release: project.release, engine: await dag.version() });
  const materials = await Promise.all(BASES[spec.name as OwnService].map((name) => material(project, name)));
  const cli = spec.name === "claude-worker" ? [cliMaterial(project)] : [];
  return provenanceStatement({ repository: repositoryOf(spec), digest: facts.digest }, origin, [
    ...materials,
    ...cli,
  ]);
}

async function material(project: Project, name: string): Promise<Material> {
  const base = project.base(name);
  const [resolved, standIn] = await Promise.all([base.imageRef(), base.label(STAND_IN_LABEL)]);
  return baseMaterial(versionOf(project.versions.images, name), resolved, Boolean(standIn));
}

function cliMaterial(project: Project): Material {
  const { package: name, version } = versionOf(project.versions.npm, "claude-code");
  return { uri: `pkg:npm/${name.replace("@", "%40")}@${version}`, name: "claude-cli" };
}
