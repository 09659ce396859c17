/** What a person reads when the pipeline fails: a code, what and where, the next step, the evidence. */

const NEXT = {
  "MS-PIPE-001": "read the lines below, correct the source and call again",
  "MS-PIPE-002": "use one of the names listed",
  "MS-PIPE-003": "read the failing part below; `dagger call test` runs all of them again",
  "MS-PIPE-004": "open the report with `dagger call report export --path out/report`",
  "MS-PIPE-005": "read the lines below; the checklist ended before it could write its report",
  "MS-PIPE-006": "make the image smaller or raise its budget in service.yaml",
  "MS-PIPE-007": "read the lines below; a part that the pipeline starts for itself did not come up",
  "MS-PIPE-009":
    "read which rows turned red; the row no longer tests what it should, or its fault hits others too",
  "MS-PIPE-010":
    "leave that platform out of --platforms, or build where its packages are served; read the lines below if there are any",
  "MS-PIPE-012":
    "point _EXPERIMENTAL_DAGGER_RUNNER_HOST at an engine that runs on one of them, for example tcp://HOST:PORT",
  "MS-PIPE-013":
    "take a base image that is served for the engine's platform (`images` in ci/versions.json), or an engine of the images' platform",
  "MS-PIPE-014":
    "call it on an engine of that platform, or give --platform when the engine's own was published (`publish --platforms`)",
  "MS-PIPE-015": "give the images.json of a publication for one platform, or correct --platform",
  "MS-PIPE-016":
    "read the lines below; a build depends on what stand-ins of the base images have and the public ones lack",
  "MS-PIPE-020":
    "give the images.json that `publish --as-json` wrote for this account and region, or leave --account and --region out",
  "MS-ECR-001":
    "give --aws-region with AWS credentials, or --address with --username and --password of any OCI registry; --local uses a registry inside the graph",
  "MS-ECR-002": "give both or neither",
  "MS-ECR-003":
    "publish a new commit or a new version, or give another --tag; a tag other than latest is never moved",
  "MS-ECR-004": "check region, credentials and the rights of the role",
  "MS-ECR-005": "check the address, the user name and the password",
  "MS-ECR-006": "make a new plan with `plan --as-json`, review it and publish that one",
  "MS-ECR-007": "read the plan below; `publish` with the same arguments makes these changes",
  "MS-ECR-008":
    "give the key that the repository has, or leave --kms-key out; nothing is ever deleted, so another key needs a new repository",
  "MS-ECR-009": "give a file that `plan --as-json` wrote",
  "MS-ECR-010": "correct the argument or the file; docs/publish.md shows every way to give credentials",
  "MS-ECR-011": "use credentials of the account and the region named, or correct --account and --region",
  "MS-ECR-012":
    "compare the layers below; the first that differs holds something that changes from build to build",
  "MS-ECR-013": "read the lines below; a registry did not behave as the others do",
  "MS-ECR-016":
    "push the git tag v and the version of package.json on the commit of the release, and run `make publish` there; another version is another release",
  "MS-SUPPLY-001": "read the lines below; a generator, scanner or signer did not do its work",
  "MS-SUPPLY-002": "correct the entry named",
  "MS-SUPPLY-003":
    "take a version without the fault, or add an entry with id, reason and until to ci/policies/vulnerabilities.yaml",
  "MS-SUPPLY-004":
    "give --database with one all.zip per ecosystem, or --download on a host that reaches the database",
  "MS-SUPPLY-005": "correct the image, or add an exception with its reason to ci/policies/image-lint.yaml",
  "MS-SUPPLY-006":
    "replace the package, or allow the licence or the package with a reason in ci/policies/licences.yaml",
  "MS-SUPPLY-007": "do not run the image; check that the key is the one it was signed with",
  "MS-SUPPLY-008": "attach it with `dagger call supply-chain attest` and the key",
  "MS-SUPPLY-009": "do not run the image; compare source, revision and builder with what you expect",
  "MS-SUPPLY-010": "do not run the image; publish again under a new version and find out who changed it",
  "MS-SUPPLY-011": "find the step that writes the secret and mount it there as a secret instead",
  "MS-SUPPLY-012":
    "publish to a private registry, or give --accept-claude-terms if Anthropic allows you to pass the CLI on",
  "MS-SUPPLY-013": "correct the arguments named",
} as const;

/** Code of a failure of the pipeline; the catalogue is services/contracts/errors.yaml. */
export type PipelineErrorCode = keyof typeof NEXT;

/** All codes with their next step, for the test that compares them with the catalogue. */
export const PIPELINE_NEXT: Readonly<Record<PipelineErrorCode, string>> = NEXT;

const EVIDENCE_LINES = 40;

/** An error whose message is complete: the engine forwards nothing but the message to the caller. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";
  readonly code: PipelineErrorCode;

  constructor(code: PipelineErrorCode, what: string, evidence = "", cause?: unknown) {
    super(`${code} ${what}. Next: ${NEXT[code]}.${evidence === "" ? "" : `\n${evidence}`}`, { cause });
    this.code = code;
  }
}

/** What the engine says about a command that failed. */
interface FailedCommand {
  cmd: string[];
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a step; its failure names the step, the command, the exit code and the last lines. */
export async function explained<T>(
  code: PipelineErrorCode,
  what: string,
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw explain(code, what, error);
  }
}

/** Characters of a failed command that are shown: it is to be recognised, the reason stands below it. */
const LONGEST_COMMAND = 160;

/** Turns any failure into one with a code; one that has a code already stays. */
export function explain(code: PipelineErrorCode, what: string, error: unknown): Error {
  if (error instanceof Error && /^MS-[A-Z]+-\d{3} /.test(error.message)) return error;
  const failed = failedCommand(error);
  if (failed) {
    const { cmd, exitCode, stdout, stderr } = failed;
    const evidence = lastLines([stdout, stderr].filter((text) => text.trim() !== "").join("\n"));
    return new PipelineError(
      code,
      `${what}: \`${commandText(cmd)}\` ended with ${exitCode}`,
      evidence,
      error,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new PipelineError(code, `${what}: ${reason}`, "", error);
}

/** The last lines of an output, enough to see why. */
export function lastLines(text: string, count = EVIDENCE_LINES): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}

// The runtime's bundle does not export the class, so the name has to do.
function failedCommand(error: unknown): FailedCommand | undefined {
  if (!(error instanceof Error) || error.name !== "ExecError") return undefined;
  const { cmd = [], exitCode = -1, stdout = "", stderr = "" } = error as Partial<FailedCommand>;
  return { cmd, exitCode, stdout, stderr };
}

// A shell script as argument would fill the screen.
function commandText(cmd: readonly string[]): string {
  const text = cmd.map((word) => (word.includes("\n") ? `${word.split("\n")[0]} ...` : word)).join(" ");
  return text.length > LONGEST_COMMAND ? `${text.slice(0, LONGEST_COMMAND)} ...` : text;
}
