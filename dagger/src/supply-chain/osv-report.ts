/** What osv-scanner found, as plain findings. */
import { z } from "zod";
import { SEVERITIES, type Severity } from "./vulnerability-policy.ts";

const schema = z.object({
  results: z
    .array(
      z.object({
        packages: z
          .array(
            z.object({
              package: z.object({ name: z.string(), version: z.string(), ecosystem: z.string() }),
              vulnerabilities: z
                .array(z.object({ id: z.string(), summary: z.string().optional() }))
                .default([]),
              groups: z
                .array(
                  z.object({
                    ids: z.array(z.string()).min(1),
                    aliases: z.array(z.string()).nullish(),
                    max_severity: z.string().optional(),
                  }),
                )
                .default([]),
            }),
          )
          .default([]),
      }),
    )
    .nullish(),
});

/** One vulnerability of one package. */
export interface Finding {
  id: string;
  /** Other names of the same vulnerability. */
  aliases: string[];
  package: string;
  version: string;
  ecosystem: string;
  /** CVSS score; none when the database says none. */
  score?: number;
  summary: string;
}

/** Reads the scanner's JSON. */
export function parseOsvReport(text: string): Finding[] {
  const { results } = schema.parse(JSON.parse(text));
  return (results ?? []).flatMap(({ packages }) =>
    packages.flatMap((entry) =>
      entry.groups.map((group): Finding => {
        const [id = ""] = group.ids;
        const score = Number.parseFloat(group.max_severity ?? "");
        return {
          id,
          aliases: [...new Set([...group.ids, ...(group.aliases ?? [])])].filter((name) => name !== id),
          package: entry.package.name,
          version: entry.package.version,
          ecosystem: entry.package.ecosystem,
          ...(Number.isFinite(score) && { score }),
          summary: entry.vulnerabilities.find((known) => known.id === id)?.summary ?? "",
        };
      }),
    ),
  );
}

/** The rating that CVSS gives to its scores. */
export function severityOf(score: number | undefined, withoutScore: Severity): Severity {
  if (score === undefined) return withoutScore;
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  return score >= 4 ? "medium" : "low";
}

/** Whether a severity reaches a threshold. */
export function reaches(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold);
}
