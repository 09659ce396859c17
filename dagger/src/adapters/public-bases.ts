/** The pipeline on bases that lack what the public images lack and the bases at hand, if they are stand-ins, have. */
import { type Container, ReturnType } from "@dagger.io/dagger";
import { explained, PipelineError } from "../errors.ts";
import { textTable } from "../text/table.ts";
import { buildImage } from "./build-images.ts";
import { normaliseImage } from "./normalise-image.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { CERTIFICATES, rustToolchain, withRustComponents } from "./toolchains.ts";

/** By the name of the base: what makes it like the public one. */
const SCRIPTS: Readonly<Record<string, string>> = {
  node: "like-public-node.sh",
  rust: "like-public-rust.sh",
};
const GATEWAY = "mcp-gateway";
const RUST_COMPONENTS = ["fmt", "clippy"] as const;

/**
 * Builds the gateway on a node without certificates, and gives Rust without formatter and linter both.
 *
 * @throws PipelineError MS-PIPE-016 when either turns out otherwise than on the bases at hand, or when a base is no such
 *   base and nothing would be tested
 */
export async function checkPublicBases(project: Project): Promise<string> {
  const there = project.withBases(likePublic);
  await refuseMild(there);
  const rows = [
    [GATEWAY, await gatewayDigest(project, there)],
    ...(await rustComponents(there)).map((said) => ["rust", said]),
  ];
  return textTable(["on public bases", ""], rows);
}

function likePublic(name: string, base: Container): Container {
  const script = SCRIPTS[name];
  if (script === undefined) return base;
  // Not below /tmp, which would lose its mode and be closed to apt.
  const steps = "/like-public";
  return base
    .withDirectory(steps, stepScripts(script))
    .withExec([`${steps}/${script}`])
    .withoutDirectory(steps);
}

async function refuseMild(project: Project): Promise<void> {
  const clippy = project.base("rust").withExec(["cargo", "clippy", "--version"], { expect: ReturnType.Any });
  const [{ code }, hasBundle] = await explained("MS-PIPE-007", "making bases like the public ones", () =>
    Promise.all([outcomeOf(clippy), project.base("node").exists(CERTIFICATES)]),
  );
  if (code === 0) throw new PipelineError("MS-PIPE-016", "the base of rust has its linter after all");
  if (hasBundle) throw new PipelineError("MS-PIPE-016", `the base of node has ${CERTIFICATES} after all`);
}

/** Digest of the gateway, which must be the same on both. */
async function gatewayDigest(ours: Project, theirs: Project): Promise<string> {
  const [expected, found] = await Promise.all(
    [ours, theirs].map(async (project) => {
      const image = await buildImage(project, GATEWAY);
      return (await normaliseImage(project, project.spec(GATEWAY), image)).facts;
    }),
  );
  if (expected?.digest === found?.digest) return found?.digest ?? "";
  const layers = [expected, found].map((facts) => facts?.layers.map(({ digest }) => digest).join("\n"));
  throw new PipelineError(
    "MS-PIPE-016",
    `${GATEWAY} is ${found?.digest} there and ${expected?.digest} here`,
    `layers there:\n${layers[1]}\nhere:\n${layers[0]}`,
  );
}

/** What formatter and linter say of themselves. */
async function rustComponents(project: Project): Promise<string[]> {
  const rust = withRustComponents(rustToolchain(project));
  return Promise.all(
    RUST_COMPONENTS.map(async (component) => {
      const asked = rust.withExec(["cargo", component, "--version"]);
      return (await explained("MS-PIPE-016", `cargo ${component}`, () => asked.stdout())).trim();
    }),
  );
}
