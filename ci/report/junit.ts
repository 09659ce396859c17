/** The report as JUnit XML, for CI systems that show test results. */
import { evidenceText } from "./amounts.ts";
import { escapeMarkup } from "./markup.ts";
import type { Report, ReportCheck } from "./report.ts";

/** Writes junit.xml. */
export function emitJunit(report: Report): string {
  const seconds = report.checks.reduce((sum, check) => sum + check.durationMs, 0) / 1000;
  const counts = `tests="${report.checks.length}" failures="${report.summary.failed}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mistersmith" ${counts}>`,
    `  <testsuite name="checklist" ${counts} timestamp="${escapeMarkup(report.environment.date)}">`,
    ...report.checks.flatMap(caseLines),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function caseLines(check: ReportCheck): string[] {
  const name = escapeMarkup(`${check.id} ${check.name}`);
  const output = escapeMarkup(check.evidence.map(evidenceText).join("\n"));
  const failure =
    check.status === "fail" ? [`      <failure message="${escapeMarkup(check.reason ?? "failed")}"/>`] : [];
  return [
    `    <testcase classname="checklist" name="${name}" time="${(check.durationMs / 1000).toFixed(3)}">`,
    ...failure,
    `      <system-out>${output}</system-out>`,
    "    </testcase>",
  ];
}
