/** How publications to several kinds of registries went. */
import { changeCount, type PublicationPlan } from "../publication/plan.ts";
import { textTable } from "./table.ts";

/** One registry and how it behaved. */
export interface Visit {
  name: string;
  outcome: string;
  /** What was not as it must be. */
  fault?: string;
}

/**
 * Judges two publications of the same image.
 *
 * @param refuses whether the registry had to refuse us
 * @param plans what was planned before each publication
 * @param refusal message of the error that ended it
 */
export function judgeVisit(
  name: string,
  refuses: boolean,
  plans: readonly PublicationPlan[],
  refusal: string | undefined,
): Visit {
  if (refuses) {
    if (refusal?.startsWith("MS-ECR-005")) return { name, outcome: "refused, as it must" };
    return { name, outcome: "not refused", fault: refusal ?? "the publication went through" };
  }
  if (refusal !== undefined) return { name, outcome: "failed", fault: refusal };
  const second = plans[1];
  if (!second) return { name, outcome: "failed", fault: "there was no second publication" };
  const { repositories, tags } = changeCount(second);
  if (repositories + tags === 0)
    return { name, outcome: `published as ${second.tags[0]?.digest}, then nothing to do` };
  return { name, outcome: "published", fault: `the second publication found ${repositories + tags} changes` };
}

/** One row per registry, and the faults in full below. */
export function visitsTable(visits: readonly Visit[]): string {
  const rows = visits.map(({ name, outcome, fault }) => [
    fault === undefined ? "ok" : "FAILED",
    name,
    outcome,
  ]);
  const faults = visits.flatMap(({ name, fault }) => (fault === undefined ? [] : [`--- ${name}\n${fault}`]));
  return [textTable(["", "registry", "outcome"], rows), ...faults].join("\n");
}
