/** The report as Markdown, for a CI summary. */
import { duration, evidenceText, fileSize, megabytes, percentOf } from "./amounts.ts";
import {
  EVIDENCE_COLUMNS,
  evidenceCells,
  examinedImages,
  handOffFolders,
  shortDigest,
} from "./evidence-words.ts";
import type { Report } from "./report.ts";
import { basesText, platformsText } from "./terminal.ts";

/** Writes report.md. */
export function emitMarkdown(report: Report): string {
  const { summary, environment } = report;
  return [
    `# MisterSmith containers: ${summary.passed} passed, ${summary.failed} failed`,
    "",
    `Engine ${environment.engine}, ${platformsText(report)}, ${basesText(environment.bases)}, ${environment.cores} cores, ` +
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
    ...evidenceLines(report),
    ...handOffLines(report),
    "",
  ].join("\n");
}

function evidenceLines(report: Report): string[] {
  const images = examinedImages(report.images);
  if (images.length === 0) return [];
  const layers = images.flatMap(({ name, evidence }) =>
    evidence.layers.map(
      ({ digest, bytes, compressedBytes }, index) =>
        `| ${cell(name)} | ${index + 1} | ${fileSize(bytes)} | ${fileSize(compressedBytes)} | \`${shortDigest(digest)}\` |`,
    ),
  );
  return [
    "",
    "## What is in them",
    "",
    `| image | ${EVIDENCE_COLUMNS.join(" | ")} |`,
    `|---|${"---|".repeat(EVIDENCE_COLUMNS.length)}`,
    ...images.map(({ name, evidence }) => `| ${[name, ...evidenceCells(evidence)].map(cell).join(" | ")} |`),
    "",
    "| image | layer | size | packed | digest |",
    "|---|---:|---:|---:|---|",
    ...layers,
  ];
}

function handOffLines({ handOff = [] }: Report): string[] {
  if (handOff.length === 0) return [];
  const folders = handOffFolders(handOff).map(([folder, files]) => {
    const names = files.map(({ path }) => `\`${path.slice(folder.length + 1)}\``);
    return `| \`${folder}\` | ${names.join(" ")} |`;
  });
  return ["", `## Hand-off: ${handOff.length} files`, "", "| folder | files |", "|---|---|", ...folders];
}

function evidenceCell(check: Report["checks"][number]): string {
  const lines = check.evidence.map(evidenceText);
  return (check.reason === undefined ? lines : [`**${check.reason}**`, ...lines]).join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", "<br>");
}
