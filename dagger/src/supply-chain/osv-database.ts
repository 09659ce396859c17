/** The vulnerability database as osv-scanner reads it: ECOSYSTEM/all.zip, one OSV record per file. */
import { countPackages, ecosystemOf, packagesOf, type SpdxDocument } from "./spdx.ts";

/** Exit codes of osv-scanner. */
export const SCANNER_STATUS = { none: 0, some: 1, noDatabase: 127 } as const;

/** Name of an ecosystem in the database, by its name in package URLs. */
const ECOSYSTEMS: Readonly<Record<string, string>> = {
  cargo: "crates.io",
  deb: "Debian",
  golang: "Go",
  npm: "npm",
};

/**
 * Ecosystems of an image that a database does not hold.
 *
 * @param files paths like npm/all.zip
 */
export function missingDatabases(document: SpdxDocument, files: readonly string[]): string[] {
  const there = new Set(files.map((path) => path.split("/")[0]));
  return Object.keys(countPackages(document))
    .flatMap((kind) => ECOSYSTEMS[kind] ?? [])
    .filter((ecosystem) => !there.has(ecosystem));
}

/** Packages of kinds that no database has, as name and version: a scan says nothing about them. */
export function notLookedUp(document: SpdxDocument): string[] {
  return packagesOf(document)
    .filter((entry) => ECOSYSTEMS[ecosystemOf(entry)] === undefined)
    .map(({ name, versionInfo = "" }) => `${name} ${versionInfo}`);
}
