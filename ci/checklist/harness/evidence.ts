/** Numbers that a row leaves behind; each is written at once, so that a crash loses none. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
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
