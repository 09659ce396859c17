/** The report as data; its JSON form is described by report.schema.json. */
import { z } from "zod";
import { SIGNATURE_STATES } from "../../dagger/src/supply-chain/image-evidence.ts";
import { SEVERITIES } from "../../dagger/src/supply-chain/vulnerability-policy.ts";

const amount = z.number().int().min(0);

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

const imageEvidence = z.strictObject({
  layers: z.array(z.strictObject({ digest: z.string(), bytes: amount, compressedBytes: amount })),
  packages: z.record(z.string(), amount),
  vulnerabilities: z
    .strictObject({ bySeverity: z.record(z.enum(SEVERITIES), amount), ignored: amount, refused: amount })
    .exactOptional(),
  licences: z.strictObject({ kinds: amount, refused: amount, mostFrequent: z.string() }),
  signature: z.enum(SIGNATURE_STATES),
  lint: z.strictObject({ findings: amount, rules: z.array(z.string()) }),
});

const image = z.strictObject({
  name: z.string(),
  platform: z.string(),
  bytes: amount,
  compressedBytes: amount,
  limitBytes: z.number().int().min(1),
  readyMs: z.number().nullable(),
  limitReadyMs: z.number().nullable(),
  digest: z.string(),
  ref: z.string(),
  evidence: imageEvidence.exactOptional(),
});

const handOffFile = z.strictObject({ path: z.string(), bytes: amount });

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
    passed: amount,
    failed: amount,
  }),
  checks: z.array(check),
  images: z.array(image),
  environment,
  handOff: z.array(handOffFile).exactOptional(),
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

/** Content of the pipeline's evidence.json. */
export const evidenceFileSchema = z.array(imageEvidence.extend({ image: z.string(), digest: z.string() }));

/** Content of the pipeline's environment.json. */
export const environmentFileSchema = environment;

/** The whole report. */
export type Report = z.infer<typeof report>;
/** One row of the checklist. */
export type ReportCheck = Report["checks"][number];
/** One image. */
export type ReportImage = Report["images"][number];
/** What is in an image, and what proves it. */
export type ReportImageEvidence = NonNullable<ReportImage["evidence"]>;
/** A file of the hand-off, by its path below the report's directory. */
export type ReportHandOffFile = NonNullable<Report["handOff"]>[number];
/** One observation. */
export type ReportEvidence = ReportCheck["evidence"][number];

/** Reads a report.json. */
export function parseReport(text: string): Report {
  return report.parse(JSON.parse(text));
}
