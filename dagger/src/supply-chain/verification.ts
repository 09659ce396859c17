/** Judges what a registry holds under the name of an image. */
import { PipelineError, type PipelineErrorCode } from "../errors.ts";
import { type ExpectedOrigin, provenanceProblems } from "./provenance.ts";

/** Answer to one question. */
export interface Answer {
  ok: boolean;
  /** Why not. */
  text: string;
}

/** Everything that was asked about one image; dagger/steps/verify-image.mjs writes it. */
export interface RegistryAnswers {
  /** Digest under the tag; empty when there is none. */
  held: string;
  content: Answer;
  signature: Answer;
  provenance: Answer & { statements: unknown[] };
  sbom: Answer & { statements: unknown[] };
}

/** The image that should be there. */
export interface ExpectedImage {
  repository: string;
  tag: string;
  digest: string;
  origin: ExpectedOrigin;
}

/** One reason not to run an image. */
export interface VerificationProblem {
  code: PipelineErrorCode;
  what: string;
}

/** Finds every reason; empty when the image is what was published. */
export function verificationProblems(image: ExpectedImage, answers: RegistryAnswers): VerificationProblem[] {
  const { repository, tag, digest } = image;
  const name = `${repository}@${digest}`;
  const problems: VerificationProblem[] = [];
  if (answers.held !== digest)
    problems.push({
      code: "MS-SUPPLY-010",
      what: `${repository}:${tag} is ${answers.held || "not there"}, published was ${digest}`,
    });
  if (!answers.content.ok)
    problems.push({
      code: "MS-SUPPLY-010",
      what: `${name} does not hold what its digest says: ${answers.content.text}`,
    });
  if (!answers.signature.ok)
    problems.push({ code: "MS-SUPPLY-007", what: `${name}: ${answers.signature.text}` });
  for (const kind of ["provenance", "sbom"] as const)
    if (!answers[kind].ok)
      problems.push({ code: "MS-SUPPLY-008", what: `${name} has no ${kind}: ${answers[kind].text}` });
  if (answers.provenance.ok) problems.push(...originProblems(image, answers.provenance.statements));
  return problems;
}

// An image may have been attested more than once; one statement that agrees is enough, for it is signed.
function originProblems(image: ExpectedImage, statements: readonly unknown[]): VerificationProblem[] {
  const found = statements.map((statement) => provenanceProblems(statement, image, image.origin));
  if (found.some((problems) => problems.length === 0)) return [];
  const [first = ["there is no statement"]] = found;
  return [{ code: "MS-SUPPLY-009", what: `${image.repository}: ${first.join("; ")}` }];
}

/**
 * Refuses images that are not what was published.
 *
 * @throws PipelineError with the code of the gravest problem; the others stand below it
 */
export function refuseUnverified(problems: readonly VerificationProblem[]): void {
  const order: PipelineErrorCode[] = ["MS-SUPPLY-010", "MS-SUPPLY-007", "MS-SUPPLY-008", "MS-SUPPLY-009"];
  const sorted = [...problems].sort((left, right) => order.indexOf(left.code) - order.indexOf(right.code));
  const [first, ...others] = sorted;
  if (!first) return;
  throw new PipelineError(
    first.code,
    first.what,
    others.map(({ code, what }) => `${code} ${what}`).join("\n"),
  );
}
