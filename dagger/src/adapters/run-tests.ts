/** Unit tests and linters of everything, each in its own container, all of them even when one fails. */
import { type Container, dag, ReturnType, type Service } from "@dagger.io/dagger";
import { explain, lastLines } from "../errors.ts";
import { portOf } from "../spec/service-spec.ts";
import { countTests, type TestCount } from "../text/count-tests.ts";
import { nodeWorkspace } from "./build-node.ts";
import { RustWorkspace } from "./build-rust.ts";
import { CHECK_CRATES, crateChecker } from "./check-crates.ts";
import { ACTIONLINT, actionlint, CHECK_SCHEMAS, CI_FILES, schemaChecker } from "./lint-ci-files.ts";
import { ECR_API_PORT, localEcrApi } from "./local-registry.ts";
import { outcomeOf } from "./outcome.ts";
import type { Project } from "./project.ts";
import { SUPPLY_CHAIN_TESTS, supplyChainTester } from "./supply-chain-tests.ts";
import { goToolchain, rustToolchain, withRustComponents } from "./toolchains.ts";
import { handOffChecker, VALIDATE_COMMAND } from "./validate-hand-off.ts";

const TYPESCRIPT_SOURCES = [
  "*.json",
  "*.md",
  ".gitignore",
  "Makefile",
  ...CI_FILES,
  "ci/**",
  "dagger/**",
  "services/**",
  "docs/**",
];
const GENERATED = ["**/node_modules", "**/target", "dagger/sdk"];
const DATABASE = { host: "postgres", user: "tests", password: "tests" } as const;
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
  const workspace = await RustWorkspace.open(project);
  const rust = rustContainer(project, workspace);
  const node = nodeContainer(project);
  const handOff = await handOffChecker(project);
  const parts: [string, Container, string][] = [
    ["rust: format", rust, "cargo fmt --all --check"],
    ["rust: lints", rust, `${TOUCH} && cargo clippy --workspace --all-targets --locked -- -D warnings`],
    ["rust: tests", rust, `${TOUCH} && cargo test --workspace --locked --no-fail-fast`],
    ["rust: licences and bans", crateChecker(project, workspace), CHECK_CRATES],
    ["go: format", goContainer(project), "gofmt -l . | tee /unformatted && test ! -s /unformatted"],
    ["typescript: format and lints", node, "npx biome ci --vcs-enabled=false ."],
    ["typescript: types", node, "npx tsc --noEmit -p tsconfig.json"],
    ["contracts: lints", node, "cd services/contracts && npx buf lint"],
    ["ci files: actionlint", actionlint(project), ACTIONLINT],
    ["ci files: schemas", schemaChecker(project), CHECK_SCHEMAS],
    ["docs: as generated", node, "npx tsx ci/docs/main.ts check"],
    ["gateway: tests", node, "npx vitest run --root services/mcp-gateway"],
    ["pipeline: tests", node, "npx vitest run --root dagger test/unit/"],
    ["publication: an AWS API", withAwsApi(project, node), "npx vitest run --root dagger test/integration/"],
    ["hand-off: validators and guide", handOff, VALIDATE_COMMAND],
    ["supply chain: real tools", supplyChainTester(project), SUPPLY_CHAIN_TESTS],
    ["ci: tests", node, "npx vitest run --root ci"],
  ];
  return Promise.all(parts.map(([name, container, command]) => runPart(name, container, command)));
}

async function runPart(name: string, container: Container, command: string): Promise<TestResult> {
  const started = Date.now();
  try {
    const run = container.withExec(["sh", "-c", command], { expect: ReturnType.Any });
    const { code, stdout, stderr } = await outcomeOf(run);
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
  return withNatsServer(project, nodeWorkspace(project)).withDirectory(
    "/src",
    project.select(TYPESCRIPT_SOURCES, GENERATED),
  );
}

function withAwsApi(project: Project, container: Container): Container {
  const host = "aws-api";
  return container
    .withServiceBinding(host, localEcrApi(project))
    .withEnvVariable("TEST_AWS_ENDPOINT", `http://${host}:${ECR_API_PORT}`);
}

function goContainer(project: Project): Container {
  return goToolchain(project)
    .withDirectory("/src", project.select(["ci/**/*.go"]))
    .withWorkdir("/src");
}

function rustContainer(project: Project, workspace: RustWorkspace): Container {
  const { host, user, password } = DATABASE;
  const toolchain = withNatsServer(project, withRustComponents(rustToolchain(project)))
    .withServiceBinding(host, testDatabase(project))
    .withEnvVariable("TEST_DATABASE_URL", `postgres://${user}:${password}@${host}/${user}`)
    // Compiled dependencies of tests; the crates themselves are compiled again because their sources are touched.
    .withMountedCache("/target", dag.cacheVolume("mistersmith-cargo-test"))
    .withEnvVariable("CARGO_TARGET_DIR", "/target");
  return workspace.withSources(toolchain);
}

function withNatsServer(project: Project, container: Container): Container {
  return container.withFile("/usr/local/bin/nats-server", project.base("nats").file("/nats-server"));
}

/** A Postgres that lives as long as the tests and is reached by nothing else. */
function testDatabase(project: Project): Service {
  const port = portOf(project.spec(DATABASE.host), "sql").port;
  return project
    .base("postgres")
    .withEnvVariable("POSTGRES_USER", DATABASE.user)
    .withEnvVariable("POSTGRES_PASSWORD", DATABASE.password)
    .withExposedPort(port)
    .asService({ useEntrypoint: true });
}
