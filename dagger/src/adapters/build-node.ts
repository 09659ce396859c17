/** Builds what is written in TypeScript: the npm workspace for tests, and the gateway's bundle. */
import type { Container, File } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { Project } from "./project.ts";
import { nodeToolchain } from "./toolchains.ts";

const MANIFESTS = [
  "package.json",
  "package-lock.json",
  ".npmrc",
  "ci/package.json",
  "services/mcp-gateway/package.json",
];
const BUNDLE_INPUTS = ["tsconfig.json", "services/mcp-gateway/**", "services/contracts/**"];
const GENERATED = ["**/node_modules", "**/dist"];

/** Node with every dependency of the npm workspace in /src; depends on the manifests only. */
export function nodeWorkspace(project: Project): Container {
  return nodeToolchain(project)
    .withDirectory("/src", project.select(MANIFESTS))
    .withWorkdir("/src")
    .withExec(["npm", "ci", "--no-progress"]);
}

/** The gateway as one file. */
export async function buildGatewayBundle(project: Project): Promise<File> {
  const built = nodeWorkspace(project)
    .withDirectory("/src", project.select(BUNDLE_INPUTS, GENERATED))
    .withExec(["npm", "run", "build", "-w", "services/mcp-gateway"]);
  await explained("MS-PIPE-001", "building mcp-gateway", () => built.sync());
  return built.file("/src/services/mcp-gateway/dist/mcp-gateway.mjs");
}
