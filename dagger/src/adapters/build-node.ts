/** Builds what is written in TypeScript: the npm workspace for tests, and the gateway's bundle. */
import type { Container, Directory, File } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { npmPackageFor } from "../spec/platform.ts";
import { versionOf } from "../spec/versions.ts";
import { foreignProgram, foreignRoot } from "./foreign-root.ts";
import { withNpmProgram } from "./npm-program.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { CERTIFICATES, nodeToolchain, withDebianPackages } from "./toolchains.ts";

const NODE = "/usr/local/bin/node";
const MANIFESTS = [
  "package.json",
  "package-lock.json",
  ".npmrc",
  "ci/package.json",
  "services/mcp-gateway/package.json",
];
const BUNDLE_INPUTS = ["services/mcp-gateway", "services/contracts"];

/** Node with every dependency of the npm workspace in /src; depends on the manifests only. */
export function nodeWorkspace(project: Project): Container {
  return nodeToolchain(project)
    .withDirectory("/src", project.files(MANIFESTS))
    .withWorkdir("/src")
    .withExec(["npm", "ci", "--no-progress"]);
}

/** The gateway as one file. */
export async function buildGatewayBundle(project: Project): Promise<File> {
  const built = nodeWorkspace(project)
    .withDirectory("/src", project.files(["tsconfig.json"]))
    .withDirectory("/src", await project.filesBelow(BUNDLE_INPUTS))
    .withExec(["npm", "run", "build", "-w", "services/mcp-gateway"]);
  await explained("MS-PIPE-001", "building mcp-gateway", () => built.sync());
  return built.file("/src/services/mcp-gateway/dist/mcp-gateway.mjs");
}

/** Node as its image has it, with certificates: what calls out over TLS must not depend on who made the base. */
export function nodeBase(project: Project): Container {
  return withDebianPackages(project.base("node"), ["ca-certificates"]);
}

/** Node with what it loads and what every TLS client needs, in an otherwise empty root. */
export function nodeProgram(project: Project): Directory {
  // Not copied by a step: while one runs, the authorities of the engine's machine are in the bundle too.
  return collectedNode(project).withFile(CERTIFICATES, nodeBase(project).file(CERTIFICATES));
}

function collectedNode(project: Project): Directory {
  if (project.isForeign) {
    const root = foreignRoot(project, project.base("node")).withFile(NODE, foreignNode(project));
    return foreignProgram(project, root, NODE);
  }
  return project
    .base("node")
    .withDirectory("/steps", stepScripts("collect-program.sh"))
    .withExec(["/steps/collect-program.sh", NODE, "/out"])
    .directory("/out");
}

// In the version of the base: both platforms run the same node.
function foreignNode(project: Project): File {
  const program = "/node";
  return withNpmProgram(project, {
    package: npmPackageFor(versionOf(project.versions.npm, "node").package, project.platform),
    version: '"$(node -p process.versions.node)"',
    file: "bin/node",
    prefix: "/package",
    program,
  }).file(program);
}
