/** Looks up what images are made of in a vulnerability database. */
import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { explained, PipelineError } from "../errors.ts";
import { withDebianSources } from "../supply-chain/debian-sources.ts";
import { spdxText } from "../supply-chain/normalise-sbom.ts";
import { missingDatabases, SCANNER_STATUS } from "../supply-chain/osv-database.ts";
import { type Finding, parseOsvReport } from "../supply-chain/osv-report.ts";
import type { SpdxDocument } from "../supply-chain/spdx.ts";
import { SBOM_EXTENSION, type Sboms } from "./make-sbom.ts";
import type { Project } from "./project.ts";
import { scanner } from "./scanners.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** Where vulnerabilities are looked up. */
export type DatabaseSource =
  /** One directory per ecosystem with its all.zip. */
  | { kind: "directory"; directory: Directory }
  /** The scanner downloads it, in each run anew. */
  | { kind: "download"; nonce: string };

/**
 * Decides from what the caller gave.
 *
 * @throws PipelineError MS-SUPPLY-004: without a database nothing would be found
 */
export function databaseSource(
  directory: Directory | undefined,
  download: boolean,
  nonce: string,
): DatabaseSource {
  if (directory) return { kind: "directory", directory };
  if (download) return { kind: "download", nonce };
  throw new PipelineError("MS-SUPPLY-004", "no vulnerability database was given");
}

/** Finds what is known of each image, by the image's name. */
export async function findVulnerabilities(
  project: Project,
  sboms: Sboms,
  database: DatabaseSource,
): Promise<Map<string, Finding[]>> {
  const scanned = [...sboms].map(async ([name, document]): Promise<[string, Finding[]]> => {
    if (database.kind === "directory") await refuseMissing(name, document, database.directory);
    return [name, await scanImage(project, name, document, database)];
  });
  return new Map(await Promise.all(scanned));
}

// The scanner passes over packages whose ecosystem it has no data of, when it has some of another.
async function refuseMissing(name: string, document: SpdxDocument, database: Directory): Promise<void> {
  const missing = missingDatabases(document, await database.glob("*/all.zip"));
  if (missing.length > 0)
    throw new PipelineError(
      "MS-SUPPLY-004",
      `${name} holds packages of ${missing.join(", ")}; the database does not`,
    );
}

async function scanImage(
  project: Project,
  name: string,
  document: SpdxDocument,
  database: DatabaseSource,
): Promise<Finding[]> {
  const text = spdxText(withDebianSources(document));
  const sbom = dag.directory().withNewFile(`${name}${SBOM_EXTENSION}`, text);
  const scanned = withDatabase(scanContainer(project), database)
    .withMountedDirectory("/in", sbom)
    .withExec(["/steps/scan-sbom.sh", `/in/${name}${SBOM_EXTENSION}`, "/out"]);
  const out = scanned.directory("/out");
  const [status, log] = await explained("MS-SUPPLY-001", `scanning ${name}`, () =>
    Promise.all([out.file("status").contents(), out.file("log").contents()]),
  );
  const code = Number(status.trim());
  if (code === SCANNER_STATUS.none || code === SCANNER_STATUS.some)
    return parseOsvReport(await out.file("findings.json").contents());
  const missing = code === SCANNER_STATUS.noDatabase;
  throw new PipelineError(
    missing ? "MS-SUPPLY-004" : "MS-SUPPLY-001",
    `scanning ${name}: osv-scanner ended with ${code}`,
    log,
  );
}

function scanContainer(project: Project): Container {
  return withDebianPackages(project.base("debian"), ["ca-certificates"])
    .withFile("/usr/local/bin/osv-scanner", scanner(project, "osv-scanner"))
    .withDirectory("/steps", stepScripts("scan-sbom.sh"))
    .withEnvVariable("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", "/database");
}

function withDatabase(container: Container, database: DatabaseSource): Container {
  if (database.kind === "directory")
    return container.withMountedDirectory("/database/osv-scalibr", database.directory);
  return container.withEnvVariable("DOWNLOAD", "1").withEnvVariable("RUN", database.nonce);
}
