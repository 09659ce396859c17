/** Runs ci/supply-chain: the real generator, scanner and signer on small images, with faults planted. */
import { type Container, ReturnType } from "@dagger.io/dagger";
import { explained, lastLines, PipelineError } from "../errors.ts";
import { nodeWorkspace } from "./build-node.ts";
import { goPrograms } from "./build-tools.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { scanner } from "./scanners.ts";

const SOURCES = ["package.json", "tsconfig.json", "ci/supply-chain/**", "ci/policies/**", "dagger/**"];
const GENERATED = ["**/node_modules", "dagger/sdk"];
const REGISTRY = { host: "registry", port: 5000 } as const;

/**
 * Runs the tests.
 *
 * @throws PipelineError MS-PIPE-003 with the last lines when one fails
 */
export async function supplyChainTests(project: Project, nonce: string): Promise<string> {
  const run = testContainer(project)
    .withEnvVariable("RUN", nonce)
    .withExec(["npx", "vitest", "run", "--root", "ci/supply-chain"], { expect: ReturnType.Any });
  const { code, stdout, stderr } = await explained(
    "MS-PIPE-007",
    "preparing the tests of the supply chain",
    () => outcomeOf(run),
  );
  if (code === 0) return lastLines(stdout, 6);
  throw new PipelineError("MS-PIPE-003", "failed: supply chain", lastLines(`${stdout}\n${stderr}`));
}

function testContainer(project: Project): Container {
  const registry = project.base("registry").withExposedPort(REGISTRY.port).asService({ useEntrypoint: true });
  return nodeWorkspace(project)
    .withFile("/usr/local/bin/syft", scanner(project, "syft"))
    .withFile("/usr/local/bin/osv-scanner", scanner(project, "osv-scanner"))
    .withFile("/usr/local/bin/cosign", scanner(project, "cosign"))
    .withFile("/usr/local/bin/crane", goPrograms(project).file("crane"))
    .withDirectory("/src", project.select(SOURCES, GENERATED))
    .withServiceBinding(REGISTRY.host, registry)
    .withEnvVariable("TEST_REGISTRY", `${REGISTRY.host}:${REGISTRY.port}`);
}
