/** Gates that every image passes before it goes out: lint, licences, vulnerabilities. */
import { type Directory, dag } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { licenceRows, refusedLicences } from "../supply-chain/licence-list.ts";
import { LICENCE_POLICY, parseLicencePolicy } from "../supply-chain/licence-policy.ts";
import { type ImageLicences, licencesMarkdown, licencesText } from "../supply-chain/licence-text.ts";
import { lintText } from "../supply-chain/lint-text.ts";
import { notLookedUp } from "../supply-chain/osv-database.ts";
import {
  judgeFindings,
  refusedFindings,
  type ScanResult,
  scanText,
} from "../supply-chain/vulnerability-gate.ts";
import {
  parseVulnerabilityPolicy,
  VULNERABILITY_POLICY,
  type VulnerabilityPolicy,
} from "../supply-chain/vulnerability-policy.ts";
import { buildAll } from "./build-images.ts";
import { lintImages } from "./lint-images.ts";
import { makeSboms, type Sboms } from "./make-sbom.ts";
import type { Project } from "./project.ts";
import { type DatabaseSource, findVulnerabilities } from "./scan-vulnerabilities.ts";

/**
 * Lints all images.
 *
 * @throws PipelineError MS-SUPPLY-005
 */
export async function lintRun(project: Project): Promise<string> {
  const images = await buildAll(project);
  const findings = await lintImages(project, images);
  const names = images.map(({ spec }) => spec.name);
  const text = lintText(names, findings);
  if (findings.length === 0) return text;
  const broken = [...new Set(findings.map(({ image }) => image))].join(", ");
  throw new PipelineError("MS-SUPPLY-005", `rules are broken by ${broken}`, text);
}

/**
 * Lists the licences of all images.
 *
 * @throws PipelineError MS-SUPPLY-006
 */
export async function licencesRun(project: Project): Promise<Directory> {
  const lists = await imageLicences(project, await makeSboms(project, await buildAll(project)));
  const text = licencesText(lists);
  const refused = lists.flatMap(({ image, rows }) => (refusedLicences(rows).length > 0 ? [image] : []));
  if (refused.length > 0)
    throw new PipelineError("MS-SUPPLY-006", `licences are refused in ${refused.join(", ")}`, text);
  return lists.reduce(
    (directory, list) => directory.withNewFile(`${list.image}.md`, licencesMarkdown(list)),
    dag.directory().withNewFile("summary.txt", `${text}\n`),
  );
}

/** Licences of each image as the policy judges them. */
export async function imageLicences(project: Project, sboms: Sboms): Promise<ImageLicences[]> {
  const policy = parseLicencePolicy(await project.source.file(LICENCE_POLICY).contents());
  return [...sboms].map(([image, document]) => ({ image, rows: licenceRows(image, document, policy) }));
}

/**
 * Scans all images.
 *
 * @throws PipelineError MS-SUPPLY-003 for what the policy refuses
 */
export async function scanRun(project: Project, database: DatabaseSource, today: string): Promise<string> {
  const policy = await vulnerabilityPolicy(project);
  const sboms = await makeSboms(project, await buildAll(project));
  const results = await scanResults(project, sboms, database, policy, today);
  const text = [scanText(results, policy), ...unknownText(sboms)].join("\n");
  const refused = results.filter((result) => refusedFindings(result).length > 0);
  if (refused.length === 0) return text;
  const counts = refused.map((result) => `${refusedFindings(result).length} in ${result.image}`).join(", ");
  throw new PipelineError("MS-SUPPLY-003", `vulnerabilities that are refused: ${counts}`, text);
}

function unknownText(sboms: Sboms): string[] {
  return [...sboms].flatMap(([name, document]) => {
    const unknown = notLookedUp(document);
    return unknown.length > 0
      ? [`${name}: no database knows ${unknown.join(", ")}; look at it yourself`]
      : [];
  });
}

/** Findings of each image as the policy judges them. */
export async function scanResults(
  project: Project,
  sboms: Sboms,
  database: DatabaseSource,
  policy: VulnerabilityPolicy,
  today: string,
): Promise<ScanResult[]> {
  const found = await findVulnerabilities(project, sboms, database);
  return [...found].map(([image, findings]) => judgeFindings(image, findings, policy, today));
}

/** The policy of this checkout. */
export async function vulnerabilityPolicy(project: Project): Promise<VulnerabilityPolicy> {
  return parseVulnerabilityPolicy(await project.source.file(VULNERABILITY_POLICY).contents());
}
