/** Amounts as people read them. */
import type { ReportEvidence } from "./report.ts";

/** `134.2 MB` (decimal, as registries count). */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The same, in kB where megabytes would show nothing: `4.6 kB`. */
export function fileSize(bytes: number): string {
  return bytes < 100_000 ? `${(bytes / 1e3).toFixed(1)} kB` : megabytes(bytes);
}

/** `43 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `ten agents: 10 processes (limit 10)`. */
export function evidenceText(evidence: ReportEvidence): string {
  return `${evidence.what}: ${evidenceValue(evidence)}${limitText(evidence)}`;
}

/** The value with its unit. */
export function evidenceValue({ value, unit }: ReportEvidence): string {
  if (typeof value === "string") return value;
  if (unit === "bytes") return megabytes(value);
  if (unit === "ms") return duration(value);
  return unit ? `${value} ${unit}` : String(value);
}

function limitText(evidence: ReportEvidence): string {
  if (evidence.limit === undefined) return "";
  return ` (limit ${evidenceValue({ ...evidence, value: evidence.limit })})`;
}

/** Share of a limit, in percent; it may be above 100. */
export function percentOf(value: number, limit: number): number {
  return Math.round((value / limit) * 100);
}
