/** The report as Markdown, for a CI summary. */
import { duration, evidenceText, megabytes, percentOf } from "./amounts.ts";
import type { Report } from "./report.ts";
import { basesText } from "./terminal.ts";

/** Writes report.md. */
export function emitMarkdown(report: Report): string {
  const { summary, environment } = report;
  return [
    `# MisterSmith containers: ${summary.passed} passed, ${summary.failed} failed`,
    "",
    `Engine ${environment.engine}, ${basesText(environment.bases)}, ${environment.cores} cores, ` +
      `revision \`${environment.revision}\`, ${environment.date}.`,
    ...(environment.notes ?? []).map((note) => `\n> ${note}`),
    "",
    "## Checklist",
    "",
    "| # | check | status | time | evidence |",
    "|---|---|---|---:|---|",
    ...report.checks.map(
      (check) =>
        `| ${check.id} | ${cell(check.name)} | ${check.status === "pass" ? "✅ pass" : "❌ fail"} | ` +
        `${duration(check.durationMs)} | ${cell(evidenceCell(check))} |`,
    ),
    "",
    "## Images",
    "",
    "| image | size | packed | limit | used | ready | limit | digest |",
    "|---|---:|---:|---:|---:|---:|---:|---|",
    ...report.images.map(
      (image) =>
        `| ${cell(image.name)} | ${megabytes(image.bytes)} | ${megabytes(image.compressedBytes)} | ` +
        `${megabytes(image.limitBytes)} | ${percentOf(image.bytes, image.limitBytes)} % | ` +
        `${image.readyMs === null ? "-" : duration(image.readyMs)} | ` +
        `${image.limitReadyMs === null ? "-" : duration(image.limitReadyMs)} | ` +
        `${image.digest === "" ? "not published" : `\`${image.digest}\``} |`,
    ),
    "",
  ].join("\n");
}

function evidenceCell(check: Report["checks"][number]): string {
  const lines = check.evidence.map(evidenceText);
  return (check.reason === undefined ? lines : [`**${check.reason}**`, ...lines]).join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", "<br>");
}
