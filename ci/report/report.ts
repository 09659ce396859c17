/** The report as data; its JSON form is described by report.schema.json. */
import { z } from "zod";

const evidence = z.strictObject({
  what: z.string(),
  value: z.union([z.string(), z.number()]),
  unit: z.string().optional(),
  limit: z.number().optional(),
});

const check = z.strictObject({
  id: z.number().int().min(1).max(7),
  name: z.string(),
  status: z.enum(["pass", "fail"]),
  durationMs: z.number().min(0),
  reason: z.string().optional(),
  evidence: z.array(evidence),
});

const image = z.strictObject({
  name: z.string(),
  bytes: z.number().int().min(0),
  compressedBytes: z.number().int().min(0),
  limitBytes: z.number().int().min(1),
  readyMs: z.number().nullable(),
  limitReadyMs: z.number().nullable(),
  digest: z.string(),
  ref: z.string(),
});

const environment = z.strictObject({
  engine: z.string(),
  bases: z.enum(["public", "stand-ins"]),
  cores: z.number().int().min(1),
  date: z.string(),
  revision: z.string(),
  notes: z.array(z.string()).optional(),
});

const report = z.strictObject({
  version: z.literal(1),
  summary: z.strictObject({
    status: z.enum(["pass", "fail"]),
    passed: z.number().int().min(0),
    failed: z.number().int().min(0),
  }),
  checks: z.array(check),
  images: z.array(image),
  environment,
});

/** Content of the checklist's checks.json. */
export const checksFileSchema = z.object({
  checks: z.array(check),
  readyMs: z.record(z.string(), z.number()).default({}),
});

/** Content of the pipeline's list of images: what only the pipeline knows. */
export const imagesFileSchema = z.array(
  image
    .partial({ readyMs: true, limitReadyMs: true, limitBytes: true, digest: true, ref: true })
    .extend({ name: z.string() }),
);

/** Content of the pipeline's environment.json. */
export const environmentFileSchema = environment;

/** The whole report. */
export type Report = z.infer<typeof report>;
/** One row of the checklist. */
export type ReportCheck = Report["checks"][number];
/** One image. */
export type ReportImage = Report["images"][number];
/** One observation. */
export type ReportEvidence = ReportCheck["evidence"][number];

/** Reads a report.json. */
export function parseReport(text: string): Report {
  return report.parse(JSON.parse(text));
}
