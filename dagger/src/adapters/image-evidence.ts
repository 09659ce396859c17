/** Evidence of all images for the report: what is in them, what is known of it, what the lint says. */
import { type ImageEvidence, imageEvidence, type SignatureState } from "../supply-chain/image-evidence.ts";
import { imageLicences, scanResults, vulnerabilityPolicy } from "./image-gates.ts";
import { lintImages } from "./lint-images.ts";
import { makeSboms } from "./make-sbom.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import type { DatabaseSource } from "./scan-vulnerabilities.ts";

/** What evidence is gathered with. */
export interface EvidenceOptions {
  /** Without one the images are not scanned, and the evidence says nothing of vulnerabilities. */
  database?: DatabaseSource;
  /** Day for which ignore entries are judged, YYYY-MM-DD. */
  today: string;
  /** By the image's name; an image that is not named is unpublished. */
  signatures: Readonly<Record<string, SignatureState>>;
}

/** Gathers; it refuses nothing, the gates do. */
export async function gatherEvidence(
  project: Project,
  images: readonly BuiltImage[],
  { database, today, signatures }: EvidenceOptions,
): Promise<ImageEvidence[]> {
  const [sboms, lint] = await Promise.all([makeSboms(project, images), lintImages(project, images)]);
  const licences = await imageLicences(project, sboms);
  const scans = database
    ? await scanResults(project, sboms, database, await vulnerabilityPolicy(project), today)
    : [];
  return images.map(({ spec: { name }, facts }) => {
    const sbom = sboms.get(name);
    if (!sbom) throw new Error(`${name} has no bill of materials`);
    const scan = scans.find(({ image }) => image === name);
    return imageEvidence({
      ...{ image: name, digest: facts.digest, layers: facts.layers, sbom, lint },
      ...(scan && { scan }),
      licences: licences.find(({ image }) => image === name)?.rows ?? [],
      signature: signatures[name] ?? "unpublished",
    });
  });
}
