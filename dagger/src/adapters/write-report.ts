/** The report of one run: rendered by ci/report from what was measured. */
import { type Directory, dag } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { SignatureState } from "../supply-chain/image-evidence.ts";
import { nodeWorkspace } from "./build-node.ts";
import type { GatheredEvidence } from "./image-evidence.ts";
import { sbomDirectory } from "./make-sbom.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";

/** Directory of the hand-off in the report. */
const HAND_OFF = "handoff";

/** Label of a base image that stands in for the public one of the same name. */
const STAND_IN_LABEL = "io.mistersmith.stand-in";

const SOURCES = [
  "package.json",
  "tsconfig.json",
  "ci/**",
  "dagger/src/**",
  "services/**/*.yaml",
  "services/contracts/**",
];

/** What came of the publication. */
export interface PublishedImages {
  /** Reference of each image by its name. */
  references: Readonly<Record<string, string>>;
  /** By the image's name. */
  signatures: Readonly<Record<string, SignatureState>>;
  handOff: Directory;
}

/** What the report is made from. */
export interface ReportInputs {
  /** Output of the checklist. */
  checklist: Directory;
  images: readonly BuiltImage[];
  evidence: GatheredEvidence;
  /** Nothing when the checklist was red. */
  published: PublishedImages | undefined;
  /** Commit that was built, as the caller says. */
  revision: string;
  cores: number;
  notes: readonly string[];
}

/** One line of images.json. */
export interface ImageRecord {
  name: string;
  /** As containers call it, for example linux/amd64. */
  platform: string;
  bytes: number;
  compressedBytes: number;
  limitBytes: number;
  digest: string;
  ref: string;
}

/** Describes the images for everything that comes after a build. */
export function imageRecords(
  images: readonly BuiltImage[],
  references: Readonly<Record<string, string>>,
): ImageRecord[] {
  return images.map(({ spec, platform, facts }) => ({
    name: spec.name,
    platform: platform.name,
    bytes: facts.bytes,
    compressedBytes: facts.compressedBytes,
    limitBytes: spec.budgets?.imageBytes.limit ?? 0,
    digest: facts.digest,
    ref: references[spec.name] ?? "",
  }));
}

/** Renders report.json, report.md, report.html and junit.xml, and lays beside them what they are about. */
export async function writeReport(project: Project, inputs: ReportInputs): Promise<Directory> {
  const { published, evidence } = inputs;
  const images = JSON.stringify(imageRecords(inputs.images, published?.references ?? {}), null, 2);
  const facts = dag
    .directory()
    .withNewFile("images.json", images)
    .withNewFile("environment.json", JSON.stringify(await environment(project, inputs), null, 2));
  const beside = facts
    .withDirectory("checklist", inputs.checklist)
    .withDirectory("sbom", sbomDirectory(evidence.sboms))
    .withDirectory(HAND_OFF, published?.handOff ?? dag.directory());
  const rendered = nodeWorkspace(project)
    .withDirectory("/src", project.select(SOURCES, ["**/node_modules"]))
    .withDirectory("/in", beside)
    .withNewFile("/in/evidence.json", evidenceText(inputs))
    .withExec([
      ...["node_modules/.bin/tsx", "ci/report/main.ts", "render", "--checks", "/in/checklist/checks.json"],
      ...["--images", "/in/images.json", "--environment", "/in/environment.json"],
      ...["--evidence", "/in/evidence.json", "--hand-off", `/in/${HAND_OFF}`, "--out", "/out"],
    ]);
  await explained("MS-PIPE-005", "writing the report", () => rendered.sync());
  return rendered.directory("/out").withDirectory("/", beside);
}

function evidenceText({ evidence, published }: ReportInputs): string {
  const signatures = published?.signatures ?? {};
  return JSON.stringify(
    evidence.images.map((image) => ({ ...image, signature: signatures[image.image] ?? image.signature })),
  );
}

async function environment(project: Project, inputs: ReportInputs): Promise<object> {
  const label = await project.base("debian").label(STAND_IN_LABEL);
  return {
    engine: await dag.version(),
    bases: label ? "stand-ins" : "public",
    cores: inputs.cores,
    date: new Date().toISOString(),
    revision: inputs.revision,
    notes: inputs.notes,
  };
}
