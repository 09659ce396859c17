/** Checks the hand-off with the field's own tools: cfn-lint, and ECS and CloudFormation as moto serves them. */
import { type Container, ReturnType } from "@dagger.io/dagger";
import { HAND_OFF_DEFAULTS } from "../emit/hand-off/files.ts";
import { type PublishedDigests, sampleImages } from "../emit/hand-off/image-digests.ts";
import { lastLines, PipelineError } from "../errors.ts";
import { versionOf } from "../spec/versions.ts";
import { handOffDirectory } from "./hand-off.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { pythonToolchain } from "./toolchains.ts";

const GUIDE = "docs/deploy-ecs.md";
const PACKAGES = ["moto[server]", "cfn-lint", "awscli"] as const;

/** The command that checks, for whoever counts tests. */
export const VALIDATE_COMMAND =
  "python /steps/validate-hand-off.py --hand-off /in/hand-off --guide /in/guide.md";

/** A container with the tools and a hand-off; VALIDATE_COMMAND checks it. */
export async function handOffChecker(project: Project, images?: PublishedDigests): Promise<Container> {
  const { digests, platform } = images ?? sampleImages(project.system);
  const directory = await handOffDirectory(project.onPlatform(platform), digests, HAND_OFF_DEFAULTS);
  const packages = PACKAGES.map((name) => {
    const version = versionOf(project.versions.pypi, name.replace(/\[.*/, ""));
    return `${name}==${version}`;
  });
  return pythonToolchain(project)
    .withExec(["pip", "install", "--quiet", ...packages])
    .withDirectory("/steps", stepScripts("validate-hand-off.py", "run-guide.py", "serve-moto.py"))
    .withDirectory("/in/hand-off", directory)
    .withFile("/in/guide.md", project.source.file(GUIDE));
}

/**
 * Checks.
 *
 * @throws PipelineError MS-PIPE-003 with the last lines of what was refused
 */
export async function validateHandOff(project: Project, images?: PublishedDigests): Promise<string> {
  const checker = await handOffChecker(project, images);
  const run = checker.withExec(["sh", "-c", VALIDATE_COMMAND], { expect: ReturnType.Any });
  const { code, stdout, stderr } = await outcomeOf(run);
  if (code === 0) return stdout;
  throw new PipelineError("MS-PIPE-003", "the hand-off was refused", lastLines(`${stderr}\n${stdout}`));
}
