/** Bills of materials of built images: written by syft, normalised by us. */
import { type Directory, dag } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import type { ImageConfig } from "../supply-chain/image-contents.ts";
import { normaliseSbom, spdxText } from "../supply-chain/normalise-sbom.ts";
import { parseSpdx, type SpdxDocument } from "../supply-chain/spdx.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { sbomEvidence } from "./sbom-evidence.ts";
import { scanner } from "./scanners.ts";
import { stepScripts } from "./step-script.ts";

/** Extension of the files. */
export const SBOM_EXTENSION = ".spdx.json";

/** Document of each image, by the image's name. */
export type Sboms = ReadonlyMap<string, SpdxDocument>;

/** Writes the bills of all images. */
export async function makeSboms(project: Project, images: readonly BuiltImage[]): Promise<Sboms> {
  const documents = images.map(async (image) => [image.spec.name, await makeSbom(project, image)] as const);
  return new Map(await Promise.all(documents));
}

async function makeSbom(project: Project, image: BuiltImage): Promise<SpdxDocument> {
  const { spec, layout, facts } = image;
  const evidence = await sbomEvidence(project, spec.name);
  let step = project
    .base("node")
    .withDirectory("/steps", stepScripts("add-evidence.mjs", "read-layout.mjs", "make-sbom.sh"))
    .withFile("/usr/local/bin/syft", scanner(project, "syft"))
    .withDirectory("/layout", layout)
    .withMountedDirectory("/in/evidence", evidence.files);
  if (evidence.goLicences)
    step = step
      .withMountedDirectory("/in/go-licences", evidence.goLicences)
      .withEnvVariable("GO_LICENCES", "/in/go-licences");
  const written = step.withExec([
    "sh",
    "-c",
    "node /steps/add-evidence.mjs /layout /in/evidence && exec /steps/make-sbom.sh /layout /sbom.json",
  ]);
  const [text, config] = await explained("MS-SUPPLY-001", `listing what is in ${spec.name}`, () =>
    Promise.all([
      written.file("/sbom.json").contents(),
      layout.file(`blobs/${facts.configDigest.replace(":", "/")}`).contents(),
    ]),
  );
  const { created = "" } = JSON.parse(config) as ImageConfig;
  const repository = repositoryOf(spec);
  const { architecture } = image.platform;
  const described = { repository, digest: facts.digest, architecture, created, release: project.release };
  return normaliseSbom(parseSpdx(text), described, evidence.licences);
}

/** One file per image. */
export function sbomDirectory(sboms: Sboms): Directory {
  return [...sboms].reduce(
    (directory, [name, document]) => directory.withNewFile(`${name}${SBOM_EXTENSION}`, spdxText(document)),
    dag.directory(),
  );
}
