/**
 * The bill as a vulnerability scanner has to read it. The database knows Debian by source package and release; scanners
 * look up the name in a package URL, and there the bill has the package that is installed, with its source beside it.
 */
import { PipelineError } from "../errors.ts";
import { ecosystemOf, purlOf, type SpdxDocument, type SpdxPackage, urlReference } from "./spdx.ts";

const PURL = /^pkg:deb\/(?<distribution>[^/]+)\/(?<name>[^@]+)@(?<version>[^?]+)(?:\?(?<qualifiers>.*))?$/;

/**
 * Puts each source package in the place of what is installed from it, once. For the scanner only: relations are left out.
 *
 * @throws PipelineError MS-SUPPLY-001 for a package without a release: nothing would be found of it
 */
export function withDebianSources(document: SpdxDocument): SpdxDocument {
  const { relationships: _, ...rest } = document;
  const others = document.packages.filter((entry) => ecosystemOf(entry) !== "deb");
  const sources = document.packages.filter((entry) => ecosystemOf(entry) === "deb").map(sourceOf);
  const byUrl = new Map(sources.map((entry) => [purlOf(entry), entry]));
  return { ...rest, packages: [...others, ...byUrl.values()] };
}

function sourceOf(entry: SpdxPackage): SpdxPackage {
  const installed = PURL.exec(purlOf(entry) ?? "")?.groups;
  const qualifiers = readQualifiers(installed?.qualifiers ?? "");
  const distro = qualifiers.get("distro");
  if (!installed || !distro)
    throw new PipelineError("MS-SUPPLY-001", `${entry.name}: ${purlOf(entry)} names no release of Debian`);
  // A full Debian tells its point release, 12.15; the database knows 12.
  const release = installed.distribution === "debian" ? distro.replace(/\.\d+$/, "") : distro;
  // The version is said only when it is another.
  const upstream = qualifiers.get("upstream") ?? decodeURIComponent(installed.name ?? "");
  const [name = "", version = decodeURIComponent(installed.version ?? "")] = upstream.split("@");
  const url = `pkg:deb/${installed.distribution}/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
  return {
    SPDXID: entry.SPDXID,
    name,
    versionInfo: version,
    downloadLocation: "NOASSERTION",
    externalRefs: [urlReference(`${url}?arch=source&distro=${release}`)],
  };
}

function readQualifiers(text: string): Map<string, string> {
  return new Map(
    text.split("&").map((pair) => {
      const [key = "", value = ""] = pair.split("=");
      return [key, decodeURIComponent(value)];
    }),
  );
}
