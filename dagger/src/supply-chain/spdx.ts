/** The part of an SPDX 2.3 document that we look at; everything else passes through untouched. */

/** A package of the document. */
export interface SpdxPackage {
  SPDXID: string;
  name: string;
  versionInfo?: string;
  licenseConcluded?: string;
  licenseDeclared?: string;
  checksums?: { algorithm: string; checksumValue: string }[];
  externalRefs?: { referenceCategory: string; referenceType: string; referenceLocator: string }[];
  [other: string]: unknown;
}

/** A relation between two elements. */
export interface SpdxRelationship {
  spdxElementId: string;
  relatedSpdxElement: string;
  relationshipType: string;
  [other: string]: unknown;
}

/** The document. */
export interface SpdxDocument {
  spdxVersion: string;
  SPDXID: string;
  name: string;
  documentNamespace: string;
  creationInfo: { created: string; creators: string[]; [other: string]: unknown };
  packages: SpdxPackage[];
  files?: { SPDXID: string }[];
  relationships?: SpdxRelationship[];
  hasExtractedLicensingInfos?: { licenseId: string; name?: string }[];
  [other: string]: unknown;
}

/** Reads a document. */
export function parseSpdx(text: string): SpdxDocument {
  const document = JSON.parse(text) as Partial<SpdxDocument>;
  if (typeof document.spdxVersion !== "string" || !Array.isArray(document.packages))
    throw new Error("this is no SPDX document");
  return document as SpdxDocument;
}

/** Package URL of a package, the name that every scanner knows it by. */
export function purlOf(entry: SpdxPackage): string | undefined {
  return entry.externalRefs?.find(({ referenceType }) => referenceType === "purl")?.referenceLocator;
}

/** A package URL as an entry of `externalRefs`. */
export function urlReference(referenceLocator: string): NonNullable<SpdxPackage["externalRefs"]>[number] {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator };
}

/** Kind of a package: cargo, npm, deb, golang, generic; `image` is what the document describes. */
export function ecosystemOf(entry: SpdxPackage): string {
  if (entry.SPDXID.startsWith("SPDXRef-DocumentRoot-")) return "image";
  return /^pkg:([a-z]+)\//.exec(purlOf(entry) ?? "")?.[1] ?? "other";
}

/** Packages without the entry that stands for the image itself. */
export function packagesOf(document: SpdxDocument): SpdxPackage[] {
  return document.packages.filter((entry) => ecosystemOf(entry) !== "image");
}

/** Number of packages by ecosystem, in the order of their names. */
export function countPackages(document: SpdxDocument): Record<string, number> {
  const counts = new Map<string, number>();
  for (const entry of packagesOf(document)) {
    const ecosystem = ecosystemOf(entry);
    counts.set(ecosystem, (counts.get(ecosystem) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
}
