/** What the report says about where an image comes from: plain data, one object per image. */
import type { LintFinding } from "./image-lint.ts";
import { type LicenceRow, licenceCounts, refusedLicences } from "./licence-list.ts";
import { countPackages, type SpdxDocument } from "./spdx.ts";
import { refusedFindings, type ScanResult } from "./vulnerability-gate.ts";
import { SEVERITIES, type Severity } from "./vulnerability-policy.ts";

/** `unsigned`: no key was given to check it with; `unpublished`: there is nothing to sign yet. */
export const SIGNATURE_STATES = ["verified", "unsigned", "unpublished", "failed"] as const;

/** How it stands with an image's signature. */
export type SignatureState = (typeof SIGNATURE_STATES)[number];

/** Everything that is known of one image. */
export interface ImageEvidence {
  image: string;
  digest: string;
  layers: { digest: string; bytes: number; compressedBytes: number }[];
  /** Number of packages by ecosystem. */
  packages: Record<string, number>;
  /** Absent when no database was given: not looked at is not the same as nothing found. */
  vulnerabilities?: { bySeverity: Record<Severity, number>; ignored: number; refused: number };
  licences: { kinds: number; refused: number; mostFrequent: string };
  signature: SignatureState;
  lint: { findings: number; rules: string[] };
}

/** What the evidence of an image is made from. */
export interface EvidenceInputs {
  image: string;
  digest: string;
  layers: ImageEvidence["layers"];
  sbom: SpdxDocument;
  scan?: ScanResult;
  licences: readonly LicenceRow[];
  signature: SignatureState;
  lint: readonly LintFinding[];
}

/** Counts. */
export function imageEvidence(inputs: EvidenceInputs): ImageEvidence {
  const { image, digest, layers, sbom, scan, licences, signature } = inputs;
  const lint = inputs.lint.filter((finding) => finding.image === image);
  const kinds = licenceCounts(licences);
  return {
    image,
    digest,
    layers: layers.map((layer) => ({ ...layer })),
    packages: countPackages(sbom),
    ...(scan && { vulnerabilities: vulnerabilityCounts(scan) }),
    licences: {
      kinds: kinds.length,
      refused: refusedLicences(licences).length,
      mostFrequent: kinds[0]?.[0] ?? "",
    },
    signature,
    lint: { findings: lint.length, rules: [...new Set(lint.map(({ rule }) => rule))] },
  };
}

function vulnerabilityCounts(scan: ScanResult): NonNullable<ImageEvidence["vulnerabilities"]> {
  const count = (severity: Severity) =>
    scan.findings.filter((finding) => finding.severity === severity).length;
  return {
    bySeverity: Object.fromEntries(SEVERITIES.map((severity) => [severity, count(severity)])) as Record<
      Severity,
      number
    >,
    ignored: scan.findings.filter(({ verdict }) => verdict === "ignored").length,
    refused: refusedFindings(scan).length,
  };
}
