/** Evidence of all images for the report: what is in them, what is known of it, what the lint says. */
import { type ImageEvidence, imageEvidence } from "../supply-chain/image-evidence.ts";
import { imageLicences, scanResults, vulnerabilityPolicy } from "./image-gates.ts";
import { lintImages } from "./lint-images.ts";
import { makeSboms, type Sboms } from "./make-sbom.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import type { DatabaseSource } from "./scan-vulnerabilities.ts";
import { scanner } from "./scanners.ts";

/** What evidence is gathered with. */
export interface EvidenceOptions {
  /** Without one the images are not scanned, and the evidence says nothing of vulnerabilities. */
  database?: DatabaseSource;
  /** Day for which ignore entries are judged, YYYY-MM-DD. */
  today: string;
}

/** Evidence of images that are not published yet, and their bills of materials. */
export interface GatheredEvidence {
  images: readonly ImageEvidence[];
  sboms: Sboms;
}

/** Builds the programs that gathering needs; for minutes, so it goes on beside other builds. */
export async function buildEvidenceTools(project: Project, { database }: EvidenceOptions): Promise<void> {
  await scanner(project, "syft").sync();
  if (database) await scanner(project, "osv-scanner").sync();
}

/** Gathers; it refuses nothing, the gates do. */
export async function gatherEvidence(
  project: Project,
  images: readonly BuiltImage[],
  { database, today }: EvidenceOptions,
): Promise<GatheredEvidence> {
  const [sboms, lint] = await Promise.all([makeSboms(project, images), lintImages(project, images)]);
  const licences = await imageLicences(project, sboms);
  const scans = database
    ? await scanResults(project, sboms, database, await vulnerabilityPolicy(project), today)
    : [];
  const evidence = images.map(({ spec: { name }, facts }) => {
    const sbom = sboms.get(name);
    if (!sbom) throw new Error(`${name} has no bill of materials`);
    const scan = scans.find(({ image }) => image === name);
    return imageEvidence({
      ...{ image: name, digest: facts.digest, layers: facts.layers, sbom, lint },
      ...(scan && { scan }),
      licences: licences.find(({ image }) => image === name)?.rows ?? [],
      signature: "unpublished",
    });
  });
  return { images: evidence, sboms };
}
