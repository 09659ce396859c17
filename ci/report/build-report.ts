/** Joins what the checklist, the pipeline and the specs know. */
import type { z } from "zod";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";
import type { ImageEvidence } from "../../dagger/src/supply-chain/image-evidence.ts";
import { CheckError } from "../shared/check-error.ts";
import type {
  checksFileSchema,
  environmentFileSchema,
  imagesFileSchema,
  Report,
  ReportHandOffFile,
  ReportImage,
} from "./report.ts";

/** The inputs, read. */
export interface ReportInputs {
  checks: z.infer<typeof checksFileSchema>;
  images: z.infer<typeof imagesFileSchema>;
  environment: z.infer<typeof environmentFileSchema>;
  /** Empty when nobody looked into the images. */
  evidence: readonly ImageEvidence[];
  /** Empty when there is none. */
  handOff: readonly ReportHandOffFile[];
}

/** Makes the report. Limits that an image does not carry come from its spec. */
export function buildReport(inputs: ReportInputs, system: SystemSpec): Report {
  const { checks, readyMs } = inputs.checks;
  const passed = checks.filter((check) => check.status === "pass").length;
  return {
    version: 1,
    summary: { status: passed === checks.length ? "pass" : "fail", passed, failed: checks.length - passed },
    checks,
    images: inputs.images.map((image) => ({
      ...completeImage(image, readyMs, system),
      ...evidenceOf(image.name, inputs.evidence),
    })),
    environment: inputs.environment,
    ...(inputs.handOff.length > 0 && { handOff: [...inputs.handOff] }),
  };
}

function evidenceOf(name: string, all: ReportInputs["evidence"]): Pick<ReportImage, "evidence"> {
  const found = all.find(({ image }) => image === name);
  if (!found) return {};
  const { image: _name, digest: _digest, ...evidence } = found;
  return { evidence };
}

function completeImage(
  image: ReportInputs["images"][number],
  readyMs: Readonly<Record<string, number>>,
  system: SystemSpec,
): ReportImage {
  const budgets = system.get(image.name)?.budgets;
  const limitBytes = image.limitBytes ?? budgets?.imageBytes.limit;
  if (limitBytes === undefined)
    throw new CheckError("MS-CHECK-020", `the image ${image.name} has no size limit`);
  return {
    name: image.name,
    platform: image.platform,
    bytes: image.bytes,
    compressedBytes: image.compressedBytes,
    limitBytes,
    readyMs: image.readyMs ?? readyMs[image.name] ?? null,
    limitReadyMs: image.limitReadyMs ?? budgets?.readyMs?.limit ?? null,
    digest: image.digest ?? "",
    ref: image.ref ?? "",
  };
}
