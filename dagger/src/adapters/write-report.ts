/** The report of one run: rendered by ci/report from what was measured. */
import { type Directory, dag } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { nodeWorkspace } from "./build-node.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";

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

/** What the report is made from. */
export interface ReportInputs {
  /** Output of the checklist. */
  checklist: Directory;
  images: readonly BuiltImage[];
  /** Reference under which each image was published, by its name; none when it was not. */
  references: Readonly<Record<string, string>>;
  /** Commit that was built, as the caller says. */
  revision: string;
  cores: number;
  notes: readonly string[];
}

/** One line of images.json. */
export interface ImageRecord {
  name: string;
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
  return images.map(({ spec, facts }) => ({
    name: spec.name,
    bytes: facts.bytes,
    compressedBytes: facts.compressedBytes,
    limitBytes: spec.budgets?.imageBytes.limit ?? 0,
    digest: facts.digest,
    ref: references[spec.name] ?? "",
  }));
}

/** Renders report.json, report.md, report.html and junit.xml, and lays the evidence beside them. */
export async function writeReport(project: Project, inputs: ReportInputs): Promise<Directory> {
  const images = JSON.stringify(imageRecords(inputs.images, inputs.references), null, 2);
  const facts = dag
    .directory()
    .withNewFile("images.json", images)
    .withNewFile("environment.json", JSON.stringify(await environment(project, inputs), null, 2));
  const rendered = nodeWorkspace(project)
    .withDirectory("/src", project.select(SOURCES, ["**/node_modules"]))
    .withDirectory("/in", facts)
    .withDirectory("/in/checklist", inputs.checklist)
    .withExec([
      ...["node_modules/.bin/tsx", "ci/report/main.ts", "render", "--checks", "/in/checklist/checks.json"],
      ...["--images", "/in/images.json", "--environment", "/in/environment.json", "--out", "/out"],
    ]);
  await explained("MS-PIPE-005", "writing the report", () => rendered.sync());
  return rendered.directory("/out").withDirectory("/", facts).withDirectory("checklist", inputs.checklist);
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
