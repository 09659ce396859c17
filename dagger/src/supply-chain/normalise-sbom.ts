/**
 * Makes a generator's document depend on the image alone: it describes the image that is published (the generator saw it
 * with one layer more, see sbom-evidence.ts), its time and namespace come from that image, and its lists are sorted.
 */
import { purlOf, type SpdxDocument, type SpdxPackage, type SpdxRelationship, urlReference } from "./spdx.ts";

/** The image that a document is about. */
export interface DescribedImage {
  /** Repository, for example mistersmith/supervisor. */
  repository: string;
  digest: string;
  /** Its processor, as OCI calls it. */
  architecture: string;
  /** Time in the image's configuration, RFC 3339. */
  created: string;
  release: string;
}

/** Licences that the image itself does not tell, by package URL without qualifiers: SPDX expressions. */
export type KnownLicences = Readonly<Record<string, string>>;

const NAMESPACES = "https://spdx.org/spdxdocs";
const ROOT = "SPDXRef-DocumentRoot-";
const FILE = "SPDXRef-File-";
const CRATE = "SPDXRef-Package-rust-crate-";
const UNSAID = new Set([undefined, "", "NOASSERTION", "NONE"]);

/** Normalises; the same image gives the same text. */
export function normaliseSbom(
  document: SpdxDocument,
  image: DescribedImage,
  licences: KnownLicences,
): SpdxDocument {
  const hex = image.digest.replace(/^sha256:/, "");
  const root = document.packages.find(isRoot)?.SPDXID;
  const id = `${ROOT}Image-${image.repository.replaceAll("/", "-")}`;
  const renamed = (element: string) => (element === root ? id : element);
  // Files are named without their sums, which a reader would take for wrong: packages are what is asked for.
  const { files: _, ...packagesOnly } = document;
  return {
    ...packagesOnly,
    name: image.repository,
    documentNamespace: `${NAMESPACES}/${image.repository.replaceAll("/", "-")}-${hex}`,
    creationInfo: { ...document.creationInfo, created: seconds(image.created) },
    packages: document.packages
      .map((entry) =>
        isRoot(entry)
          ? describe({ ...entry, SPDXID: id }, image, hex)
          : withLicence(withUrl(entry), licences),
      )
      .sort(by((entry) => entry.SPDXID)),
    ...(document.relationships && {
      relationships: document.relationships
        .filter(({ relatedSpdxElement }) => !relatedSpdxElement.startsWith(FILE))
        .map((entry) => relate(entry, renamed))
        .sort(by(relation)),
    }),
  };
}

/** The document as a file. */
export function spdxText(document: SpdxDocument): string {
  return `${JSON.stringify(document, null, 1)}\n`;
}

function isRoot(entry: SpdxPackage): boolean {
  return entry.SPDXID.startsWith(ROOT);
}

// The generator's name, version, checksum and purl of the image are those of the layout that it was given.
function describe(entry: SpdxPackage, image: DescribedImage, hex: string): SpdxPackage {
  const name = image.repository.split("/").at(-1);
  const { packageVerificationCode: _, ...described } = entry;
  return {
    ...described,
    filesAnalyzed: false,
    name: image.repository,
    versionInfo: image.release,
    checksums: [{ algorithm: "SHA256", checksumValue: hex }],
    externalRefs: [
      urlReference(`pkg:oci/${name}@${encodeURIComponent(image.digest)}?arch=${image.architecture}`),
    ],
  };
}

// Crates of the workspace come from no registry; the generator gives them no name that others know them by.
function withUrl(entry: SpdxPackage): SpdxPackage {
  if (!entry.SPDXID.startsWith(CRATE) || purlOf(entry)) return entry;
  const locator = `pkg:cargo/${entry.name}@${entry.versionInfo}`;
  return { ...entry, externalRefs: [...(entry.externalRefs ?? []), urlReference(locator)] };
}

function withLicence(entry: SpdxPackage, licences: KnownLicences): SpdxPackage {
  const known = licences[(purlOf(entry) ?? "").split("?")[0] ?? ""];
  if (known === undefined || !UNSAID.has(entry.licenseDeclared)) return entry;
  return { ...entry, licenseDeclared: known };
}

// The identifier of the image holds the generator's path to the layout.
function relate(entry: SpdxRelationship, renamed: (element: string) => string): SpdxRelationship {
  return {
    ...entry,
    spdxElementId: renamed(entry.spdxElementId),
    relatedSpdxElement: renamed(entry.relatedSpdxElement),
  };
}

// SPDX knows no fractions of a second.
function seconds(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

function relation({ spdxElementId, relationshipType, relatedSpdxElement }: SpdxRelationship): string {
  return `${spdxElementId} ${relationshipType} ${relatedSpdxElement}`;
}

function by<T>(key: (value: T) => string): (left: T, right: T) => number {
  return (left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0);
}
