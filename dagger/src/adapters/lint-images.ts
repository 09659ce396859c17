/** Looks into built images: their files by layer, their configuration, secrets in either. */
import { explained } from "../errors.ts";
import type { ImageContents } from "../supply-chain/image-contents.ts";
import { type LintFinding, lintImage } from "../supply-chain/image-lint.ts";
import { LINT_POLICY, parseLintPolicy } from "../supply-chain/lint-policy.ts";
import { SECRET_PATTERNS } from "../supply-chain/secret-patterns.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** Lints all images. */
export async function lintImages(project: Project, images: readonly BuiltImage[]): Promise<LintFinding[]> {
  const policy = parseLintPolicy(await project.source.file(LINT_POLICY).contents());
  const findings = images.map(async (image) =>
    lintImage(image.spec, await imageContents(project, image), policy),
  );
  return (await Promise.all(findings)).flat();
}

async function imageContents(project: Project, { spec, layout }: BuiltImage): Promise<ImageContents> {
  const listed = project
    .base("node")
    .withDirectory(
      "/steps",
      stepScripts("list-layers.mjs", "read-layout.mjs", "read-tar.mjs", "tar-format.mjs"),
    )
    .withNewFile("/in/patterns.json", JSON.stringify(SECRET_PATTERNS))
    .withMountedDirectory("/in/layout", layout)
    .withExec(["node", "/steps/list-layers.mjs", "/in/layout", "/in/patterns.json", "/contents.json"]);
  const text = await explained("MS-SUPPLY-001", `listing the files of ${spec.name}`, () =>
    listed.file("/contents.json").contents(),
  );
  return JSON.parse(text) as ImageContents;
}
