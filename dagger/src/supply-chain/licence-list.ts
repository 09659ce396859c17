/** The licences of an image's packages, and whether the policy allows them. */
import { type LicenceExpression, parseExpression, satisfied } from "./licence-expression.ts";
import type { LicencePolicy } from "./licence-policy.ts";
import { ecosystemOf, packagesOf, type SpdxDocument, type SpdxPackage } from "./spdx.ts";

/** A package and its licence. */
export interface LicenceRow {
  package: string;
  version: string;
  ecosystem: string;
  /** As the package says; NOASSERTION when it says nothing. */
  licence: string;
  verdict: "allowed" | "exception" | "unjudged" | "refused";
  /** Why it is accepted without being allowed, or refused whatever else the policy says. */
  reason?: string;
}

const UNSAID = "NOASSERTION";
const DENIED = "the policy denies this licence, also in exceptions and unjudged packages";

/** Judges every package of an image. */
export function licenceRows(image: string, document: SpdxDocument, policy: LicencePolicy): LicenceRow[] {
  const names = new Map(
    (document.hasExtractedLicensingInfos ?? []).map(({ licenseId, name }) => [licenseId, name ?? licenseId]),
  );
  return packagesOf(document)
    .map((entry) => judge(image, entry, licenceOf(entry, names), policy))
    .sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/** Packages that the policy refuses. */
export function refusedLicences(rows: readonly LicenceRow[]): LicenceRow[] {
  return rows.filter(({ verdict }) => verdict === "refused");
}

/** Number of packages by licence, the most frequent first. */
export function licenceCounts(rows: readonly LicenceRow[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { licence } of rows) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  return [...counts].sort(([left, few], [right, many]) => many - few || (left < right ? -1 : 1));
}

function licenceOf(entry: SpdxPackage, names: ReadonlyMap<string, string>): string {
  const said = [entry.licenseDeclared, entry.licenseConcluded].find(
    (text) => text && text !== UNSAID && text !== "NONE",
  );
  return (said ?? UNSAID).replace(/LicenseRef-[\w.-]+/g, (id) => (names.get(id) ?? id).replaceAll(" ", "-"));
}

function judge(image: string, entry: SpdxPackage, licence: string, policy: LicencePolicy): LicenceRow {
  const ecosystem = ecosystemOf(entry);
  const row = { package: entry.name, version: entry.versionInfo ?? "", ecosystem, licence };
  if (denied(licence, policy)) return { ...row, verdict: "refused", reason: DENIED };
  const exception = policy.exceptions.find(
    (candidate) =>
      candidate.package === entry.name &&
      (candidate.licence ?? licence) === licence &&
      (candidate.images?.includes(image) ?? true),
  );
  if (exception) return { ...row, verdict: "exception", reason: exception.reason };
  const unjudged = policy.unjudged.find((candidate) => candidate.ecosystem === ecosystem);
  if (unjudged) return { ...row, verdict: "unjudged", reason: unjudged.reason };
  return { ...row, verdict: allowed(licence, policy) ? "allowed" : "refused" };
}

// A word that is no expression is a licence that nobody allowed.
function allowed(licence: string, { allow, deny }: LicencePolicy): boolean {
  const expression = readExpression(licence);
  return expression ? satisfied(expression, (id) => allow.includes(id) && !denies(deny, id)) : false;
}

// Denied is what cannot be used without a denied licence; of what is no expression, whatever names one.
function denied(licence: string, { deny }: LicencePolicy): boolean {
  const expression = readExpression(licence);
  if (expression) return !satisfied(expression, (id) => !denies(deny, id));
  return licence.split(/[\s()]+/).some((word) => denies(deny, word));
}

// A permission added by WITH, or "or later" as a plus, makes no other licence of it.
function denies(deny: readonly string[], id: string): boolean {
  const [licence = ""] = id.toLowerCase().split(/\+?(?: with |$)/);
  return deny.some((entry) => entry.toLowerCase() === licence);
}

function readExpression(licence: string): LicenceExpression | undefined {
  try {
    return parseExpression(licence);
  } catch {
    return undefined;
  }
}

function sortKey({ ecosystem, package: name, version }: LicenceRow): string {
  return `${ecosystem} ${name} ${version}`;
}
