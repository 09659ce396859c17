/** The main job: builds, looks into the images, runs the checklist, publishes what is green, writes the report. */
import { availableParallelism } from "node:os";
import type { Directory, File } from "@dagger.io/dagger";
import { HAND_OFF_DEFAULTS } from "../emit/hand-off/files.ts";
import { buildAll } from "./build-images.ts";
import { currentDay } from "./current-day.ts";
import { handOffDirectory } from "./hand-off.ts";
import { buildEvidenceTools, type EvidenceOptions, gatherEvidence } from "./image-evidence.ts";
import { checkSignatures } from "./image-signatures.ts";
import { newNonce } from "./nonce.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { preparePublication } from "./publish.ts";
import { runChecklist } from "./run-checklist.ts";
import { systemImages } from "./whole-run.ts";
import { type PublishedImages, writeReport } from "./write-report.ts";

/** What a caller may add. */
export interface ReportOptions {
  /** Database of vulnerabilities, one directory per ecosystem. */
  database?: Directory;
  /** Key that the published images must be signed with. */
  publicKey?: File;
}

/** Digits of a commit that a person reads. */
const SHORT_REVISION = 12;
const RED = "The checklist is red: nothing was published, and there is no hand-off.";

/** Does it. A red checklist is a result, and is reported. */
export async function reportRun(project: Project, options: ReportOptions): Promise<Directory> {
  const nonce = newNonce();
  const evidenceOptions = evidenceOptionsOf(options);
  const [images] = await Promise.all([buildAll(project), buildEvidenceTools(project, evidenceOptions)]);
  // Before the checklist, which measures times: nothing else may run beside it.
  const evidence = await gatherEvidence(project, images, evidenceOptions);
  const checklist = await runChecklist(project, await systemImages(project), { nonce });
  const published = checklist.green ? await publishLocally(project, images, options, nonce) : undefined;
  return writeReport(project, {
    checklist: checklist.out,
    images,
    evidence,
    published,
    revision: project.commit.revision?.slice(0, SHORT_REVISION) ?? "unknown",
    cores: availableParallelism(),
    notes: published ? published.notes : [RED],
  });
}

function evidenceOptionsOf({ database }: ReportOptions): EvidenceOptions {
  return {
    today: currentDay(),
    ...(database && { database: { kind: "directory", directory: database } as const }),
  };
}

async function publishLocally(
  project: Project,
  images: readonly BuiltImage[],
  { publicKey }: ReportOptions,
  nonce: string,
): Promise<PublishedImages & { notes: readonly string[] }> {
  const built = async () => images;
  const { plan, run } = await preparePublication(project, built, { kind: "local" }, {}, nonce);
  await run();
  const { states, problems } = await checkSignatures(project, images, publicKey, nonce);
  const references = images.map(({ spec, facts }) => [
    spec.name,
    `${plan.address}/${spec.repository}@${facts.digest}`,
  ]);
  return {
    references: Object.fromEntries(references),
    signatures: states,
    handOff: await handOffDirectory(project, images, HAND_OFF_DEFAULTS),
    notes: problems,
  };
}
