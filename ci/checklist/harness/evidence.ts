/** Numbers that a row leaves behind; each is written at once, so that a crash loses none. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { RowId } from "../rows.ts";

const evidenceSchema = z.object({
  what: z.string(),
  value: z.union([z.string(), z.number()]),
  unit: z.string().optional(),
  limit: z.number().optional(),
});

/** One observation. */
export type Evidence = z.infer<typeof evidenceSchema>;

/** Writes an observation of a row down. */
export type Note = (what: string, value: string | number, unit?: string, limit?: number) => void;

/** Recorder of one row. */
export function evidenceOf(row: RowId, outDir: string): Note {
  const directory = `${outDir}/evidence`;
  mkdirSync(directory, { recursive: true });
  return (what, value, unit, limit) => {
    const rounded = typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
    const entry: Evidence = {
      what,
      value: rounded,
      ...(unit && { unit }),
      ...(limit !== undefined && { limit }),
    };
    appendFileSync(`${directory}/${row}.jsonl`, `${JSON.stringify(entry)}\n`);
  };
}

/** Keeps why a row could not start. */
export function writeStartFailure(row: RowId, outDir: string, error: unknown): void {
  mkdirSync(`${outDir}/evidence`, { recursive: true });
  writeFileSync(startFailureFile(row, outDir), String(error));
}

/** Reads it; undefined when the row started. */
export function readStartFailure(row: RowId, outDir: string): string | undefined {
  const file = startFailureFile(row, outDir);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function startFailureFile(row: RowId, outDir: string): string {
  return `${outDir}/evidence/${row}.not-started.txt`;
}

/** Reads what a row wrote. */
export function readEvidence(row: RowId, outDir: string): Evidence[] {
  const directory = `${outDir}/evidence`;
  try {
    if (!readdirSync(directory).includes(`${row}.jsonl`)) return [];
  } catch {
    return [];
  }
  return readFileSync(`${directory}/${row}.jsonl`, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => evidenceSchema.parse(JSON.parse(line)));
}
