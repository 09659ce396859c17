/** What can be wrong with a spec: where, why, what to do. */

const NEXT = {
  "MS-SPEC-001": "correct the YAML at the line named",
  "MS-SPEC-002": "remove the key or correct its spelling",
  "MS-SPEC-003": "add the key or correct its value",
  "MS-SPEC-004": "choose a pair that Fargate sells",
  "MS-SPEC-005": "raise stopTimeoutSeconds or lower the default of DRAIN_TIMEOUT_SECONDS",
  "MS-SPEC-006": "give each port its own name and number",
  "MS-SPEC-007": "name the secret that holds it; its value comes from the deployment, never from the spec",
  "MS-SPEC-008": "use the name of a service, and of one of its ports",
  "MS-SPEC-009": "name a service that has a spec",
  "MS-SPEC-010": "keep one of the two variables",
  "MS-SPEC-011": "name one of the service's ports",
  "MS-SPEC-012": "give a default of the variable's type and within its bounds",
  "MS-SPEC-013": "remove one of the dependencies",
  "MS-SPEC-014": "raise resources.fargate or lower resources.container",
  "MS-SPEC-015": "give each service its own name",
  "MS-SPEC-016": "give each service its own port",
  "MS-SPEC-017": "choose a number of days that CloudWatch Logs offers",
  "MS-SPEC-018": "make min, replicas and max grow in this order",
} as const;

/** Code of a problem; the catalogue is services/contracts/errors.yaml. */
export type SpecProblemCode = keyof typeof NEXT;

/** All codes, for the test that compares them with the catalogue. */
export const SPEC_PROBLEM_NEXT: Readonly<Record<SpecProblemCode, string>> = NEXT;

/** One thing that is wrong, at a line of a file. */
export interface SpecProblem {
  code: SpecProblemCode;
  file: string;
  line: number;
  reason: string;
}

/** Says a problem in one line. */
export function problemText(problem: SpecProblem): string {
  return `${problem.code} ${problem.file}:${problem.line} ${problem.reason}. Next: ${NEXT[problem.code]}.`;
}

/** Carries everything that is wrong with the specs, not only the first. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  readonly problems: readonly SpecProblem[];

  constructor(problems: readonly SpecProblem[]) {
    super(problems.map(problemText).join("\n"));
    this.problems = problems;
  }
}
