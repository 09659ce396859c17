/** Runs ci/supply-chain: the real generator, scanner and signer on small images, with faults planted. */
import { type Container, ReturnType } from "@dagger.io/dagger";
import { explained, lastLines, PipelineError } from "../errors.ts";
import { nodeWorkspace } from "./build-node.ts";
import { goPrograms } from "./build-tools.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { scanner } from "./scanners.ts";

/** Command of the tests. */
export const SUPPLY_CHAIN_TESTS = "npx vitest run --root ci/supply-chain";

// Only what the tests load: they take a minute, and run again when one of these changes.
const SOURCES = [
  ...["package.json", "tsconfig.json", "ci/supply-chain/**", "dagger/steps/**"],
  ...["dagger/src/errors.ts", "dagger/src/supply-chain/**", "dagger/src/text/**"],
  "dagger/test/unit/support/oci-layout.ts",
];
const REGISTRY = { host: "registry", port: 5000 } as const;

/**
 * Runs the tests.
 *
 * @throws PipelineError MS-PIPE-003 with the last lines when one fails
 */
export async function supplyChainTests(project: Project, nonce: string): Promise<string> {
  const run = supplyChainTester(project)
    .withEnvVariable("RUN", nonce)
    .withExec(["sh", "-c", SUPPLY_CHAIN_TESTS], { expect: ReturnType.Any });
  const { code, stdout, stderr } = await explained(
    "MS-PIPE-007",
    "preparing the tests of the supply chain",
    () => outcomeOf(run),
  );
  if (code === 0) return lastLines(stdout, 6);
  throw new PipelineError("MS-PIPE-003", "failed: supply chain", lastLines(`${stdout}\n${stderr}`));
}

/** A container with the real tools, a registry, and the tests. */
export function supplyChainTester(project: Project): Container {
  const registry = project.base("registry").withExposedPort(REGISTRY.port).asService({ useEntrypoint: true });
  return nodeWorkspace(project)
    .withFile("/usr/local/bin/syft", scanner(project, "syft"))
    .withFile("/usr/local/bin/osv-scanner", scanner(project, "osv-scanner"))
    .withFile("/usr/local/bin/cosign", scanner(project, "cosign"))
    .withFile("/usr/local/bin/crane", goPrograms(project).file("crane"))
    .withDirectory("/src", project.select(SOURCES))
    .withServiceBinding(REGISTRY.host, registry)
    .withEnvVariable("TEST_REGISTRY", `${REGISTRY.host}:${REGISTRY.port}`);
}
