/** The report as aligned text for a terminal. */
import { duration, evidenceText, megabytes, percentOf } from "./amounts.ts";
import { EVIDENCE_COLUMNS, evidenceCells, examinedImages } from "./evidence-words.ts";
import type { Report } from "./report.ts";

/** How many observations of a row are printed; all of them are in the other forms. */
const SHOWN_EVIDENCE = 2;
const WIDTH = 118;

/** Whether escape codes for colours are written. */
export interface TerminalOptions {
  colour: boolean;
}

/** Writes the table. */
export function emitTerminal(report: Report, { colour }: TerminalOptions): string {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { summary, environment } = report;
  const lines = ["", ...imageLines(report), "", ...evidenceLines(report), ...checkLines(report, paint), ""];
  const verdict = `${summary.passed} passed, ${summary.failed} failed`;
  lines.push(
    `${paint(summary.status === "pass" ? 32 : 31, verdict)}   engine ${environment.engine}, ${platformsText(report)}, ${basesText(environment.bases)}, ` +
      `${environment.cores} cores, ${environment.revision.slice(0, 12)}, ${environment.date}`,
  );
  return `${lines.join("\n")}\n`;
}

/** What the images are for. */
export function platformsText({ images }: Report): string {
  return [...new Set(images.map(({ platform }) => platform))].join(" and ") || "no image";
}

/** What the base images were, in words. */
export function basesText(bases: Report["environment"]["bases"]): string {
  return bases === "public" ? "public base images" : "stand-in base images";
}

function imageLines(report: Report): string[] {
  const rows = report.images.map((image) => [
    image.name,
    megabytes(image.bytes),
    megabytes(image.compressedBytes),
    `${megabytes(image.limitBytes)} (${percentOf(image.bytes, image.limitBytes)} %)`,
    image.readyMs === null ? "-" : duration(image.readyMs),
    image.limitReadyMs === null ? "-" : duration(image.limitReadyMs),
    image.ref === "" ? "not published" : `${image.ref}${image.ref.includes("@") ? "" : `@${image.digest}`}`,
  ]);
  return align([["image", "size", "packed", "limit", "ready", "limit", "published as"], ...rows]);
}

function evidenceLines(report: Report): string[] {
  const rows = examinedImages(report.images).map(({ name, evidence }) => [name, ...evidenceCells(evidence)]);
  return rows.length === 0 ? [] : [...align([["image", ...EVIDENCE_COLUMNS], ...rows]), ""];
}

function checkLines(report: Report, paint: (code: number, text: string) => string): string[] {
  const nameWidth = Math.max(...report.checks.map((check) => check.name.length), 0);
  return report.checks.flatMap((check) => {
    const good = check.status === "pass";
    const mark = paint(good ? 32 : 31, good ? "ok  " : "FAIL");
    const time = duration(check.durationMs).padStart(9);
    const evidence = check.evidence.slice(0, SHOWN_EVIDENCE).map(evidenceText).join("; ");
    const head = `${mark} ${check.id} ${check.name.padEnd(nameWidth)} ${time}`;
    const room = Math.max(20, WIDTH - nameWidth - 18);
    const lines = [`${head}   ${cut(evidence, room)}`.trimEnd()];
    if (check.reason !== undefined) lines.push(`       ${check.reason}`);
    return lines;
  });
}

function align(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
