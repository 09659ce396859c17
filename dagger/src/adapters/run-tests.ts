/** Unit tests and linters of everything, each in its own container, all of them even when one fails. */
import { type Container, dag, ReturnType } from "@dagger.io/dagger";
import { explain, lastLines } from "../errors.ts";
import { countTests, type TestCount } from "../text/count-tests.ts";
import { nodeWorkspace } from "./build-node.ts";
import { RustWorkspace } from "./build-rust.ts";
import type { Project } from "./project.ts";
import { rustToolchain, withDebianPackages } from "./toolchains.ts";

const TYPESCRIPT_SOURCES = ["*.json", "*.md", "ci/**", "dagger/**", "services/**", "docs/**"];
const GENERATED = ["**/node_modules", "**/target", "dagger/sdk"];
// The public image has the toolchain's minimal profile.
const RUST_COMPONENTS = "command -v cargo-clippy >/dev/null || rustup component add clippy rustfmt";
// cargo compares times, and the sources of a layer have none that mean anything.
const TOUCH = "find . -name target -prune -o -type f -exec touch {} +";

/** How one part ended. */
export interface TestResult {
  name: string;
  green: boolean;
  count: TestCount;
  seconds: number;
  /** Last lines of a part that failed. */
  evidence: string;
}

/** Runs every part. */
export async function runTests(project: Project): Promise<TestResult[]> {
  const rust = await rustContainer(project);
  const node = nodeContainer(project);
  const parts: [string, Container, string][] = [
    ["rust: format", rust, "cargo fmt --all --check"],
    ["rust: lints", rust, `${TOUCH} && cargo clippy --workspace --all-targets --locked -- -D warnings`],
    ["rust: tests", rust, `${TOUCH} && cargo test --workspace --locked`],
    ["typescript: format and lints", node, "npx biome ci --vcs-enabled=false ."],
    ["typescript: types", node, "npx tsc --noEmit -p tsconfig.json"],
    ["gateway: tests", node, "npx vitest run --root services/mcp-gateway"],
    ["pipeline: tests", node, "npx vitest run --root dagger"],
    ["ci: tests", node, "npx vitest run --root ci --exclude 'checklist/*.test.ts'"],
  ];
  return Promise.all(parts.map(([name, container, command]) => runPart(name, container, command)));
}

async function runPart(name: string, container: Container, command: string): Promise<TestResult> {
  const started = Date.now();
  try {
    const run = container.withExec(["sh", "-c", command], { expect: ReturnType.Any });
    const [code, stdout, stderr] = await Promise.all([run.exitCode(), run.stdout(), run.stderr()]);
    const output = `${stderr}\n${stdout}`;
    const seconds = (Date.now() - started) / 1000;
    const evidence = code === 0 ? "" : lastLines(output);
    return { name, green: code === 0, count: countTests(stdout), seconds, evidence };
  } catch (error) {
    // The part could not even start; the others still run.
    const evidence = explain("MS-PIPE-007", name, error).message;
    return {
      name,
      green: false,
      count: { passed: 0, failed: 0 },
      seconds: (Date.now() - started) / 1000,
      evidence,
    };
  }
}

function nodeContainer(project: Project): Container {
  return nodeWorkspace(project).withDirectory("/src", project.select(TYPESCRIPT_SOURCES, GENERATED));
}

async function rustContainer(project: Project): Promise<Container> {
  const rust = await RustWorkspace.open(project);
  const toolchain = withDebianPackages(rustToolchain(project), ["postgresql"])
    .withExec(["sh", "-c", RUST_COMPONENTS])
    .withFile("/usr/local/bin/nats-server", project.base("nats").file("/nats-server"))
    // Compiled dependencies of tests; the crates themselves are compiled again because their sources are touched.
    .withMountedCache("/target", dag.cacheVolume("mistersmith-cargo-test"))
    .withEnvVariable("CARGO_TARGET_DIR", "/target");
  return rust.withSources(toolchain);
}
