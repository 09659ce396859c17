/** What is in an image, and what proves it, in the words that all forms of the report share. */
import { SEVERITIES } from "../../dagger/src/supply-chain/vulnerability-policy.ts";
import type { ReportHandOffFile, ReportImage, ReportImageEvidence } from "./report.ts";

/** Columns of the table of evidence, after the image's name. */
export const EVIDENCE_COLUMNS = [
  "layers",
  "packages",
  "vulnerabilities",
  "licences",
  "lint",
  "signature",
] as const;

/** Name of a column. */
export type EvidenceColumn = (typeof EVIDENCE_COLUMNS)[number];

/** One cell for each column. */
export function evidenceCells(evidence: ReportImageEvidence): string[] {
  const { layers, packages, vulnerabilities, licences, lint, signature } = evidence;
  return [
    String(layers.length),
    packagesText(packages),
    vulnerabilitiesText(vulnerabilities),
    licencesText(licences),
    lintText(lint),
    signature,
  ];
}

/** Images that somebody looked into. */
export function examinedImages(
  images: readonly ReportImage[],
): (ReportImage & { evidence: ReportImageEvidence })[] {
  return images.flatMap((image) => (image.evidence ? [{ ...image, evidence: image.evidence }] : []));
}

/** `170: cargo 165, deb 5`. */
function packagesText(packages: ReportImageEvidence["packages"]): string {
  const kinds = Object.entries(packages);
  const sum = kinds.reduce((total, [, count]) => total + count, 0);
  return kinds.length === 0 ? "0" : `${sum}: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(", ")}`;
}

// Not looked at is not the same as nothing found.
function vulnerabilitiesText(found: ReportImageEvidence["vulnerabilities"]): string {
  if (!found) return "not scanned: no database";
  const { bySeverity, ignored, refused } = found;
  const counts = [...SEVERITIES].reverse().map((severity) => [severity, bySeverity[severity]] as const);
  const parts = [...counts, ["ignored", ignored] as const, ["refused", refused] as const];
  const said = parts.filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`);
  return said.length === 0 ? "none known" : said.join(", ");
}

function licencesText({ kinds, refused, mostFrequent }: ReportImageEvidence["licences"]): string {
  const most = mostFrequent === "" ? "" : `, mostly ${mostFrequent}`;
  return `${kinds}${most}${refused > 0 ? `, ${refused} refused` : ""}`;
}

function lintText({ findings, rules }: ReportImageEvidence["lint"]): string {
  return findings === 0 ? "clean" : `${findings} of ${rules.join(", ")}`;
}

/** Whether a column of an image's evidence wants a look. */
export function isWorrying(column: EvidenceColumn, evidence: ReportImageEvidence): boolean {
  const { vulnerabilities, licences, lint, signature } = evidence;
  if (column === "vulnerabilities") return (vulnerabilities?.refused ?? 0) > 0;
  if (column === "licences") return licences.refused > 0;
  if (column === "lint") return lint.findings > 0;
  return column === "signature" && signature === "failed";
}

/** `sha256:0123456789ab`: enough to tell one layer from the others. */
export function shortDigest(digest: string): string {
  return digest.slice(0, "sha256:".length + 12);
}

/** Files of the hand-off by the directory that they lie in, in the order of the directories' names. */
export function handOffFolders(files: readonly ReportHandOffFile[]): [string, ReportHandOffFile[]][] {
  const folders = new Map<string, ReportHandOffFile[]>();
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf("/"));
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return [...folders].sort(([left], [right]) => (left < right ? -1 : 1));
}
