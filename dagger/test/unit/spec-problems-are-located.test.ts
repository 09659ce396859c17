import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { OBSERVABILITY_FILE, parseSystem } from "../../src/spec/parse-system.ts";
import { SPEC_PROBLEM_NEXT, SpecError, type SpecProblem } from "../../src/spec/spec-problem.ts";
import { repoText, specTexts } from "./support/repo.ts";

/** Problems after one replacement in one file; the replacement must have changed something. */
function problemsAfter(file: string, from: string | RegExp, to: string): readonly SpecProblem[] {
  const texts = everyText();
  const changed = (texts[file] ?? "").replace(from, to);
  expect(changed).not.toBe(texts[file]);
  try {
    parseSystem({ ...texts, [file]: changed });
  } catch (error) {
    if (error instanceof SpecError) return error.problems;
    throw error;
  }
  return [];
}

function everyText(): Record<string, string> {
  return { ...specTexts(), [OBSERVABILITY_FILE]: repoText(`services/${OBSERVABILITY_FILE}`) };
}

function lineOf(file: string, text: string): number {
  return (everyText()[file] ?? "").split("\n").findIndex((line) => line.includes(text)) + 1;
}

const SUPERVISOR = "supervisor/service.yaml";
const PLATFORM = "platform.yaml";

const CASES: [string, string, string | RegExp, string, string, RegExp][] = [
  ["MS-SPEC-001", SUPERVISOR, "replicas: 1", "replicas: [1", "", /./],
  ["MS-SPEC-002", SUPERVISOR, "replicas: 1", "replicass: 1", "replicas", /unknown key replicass/],
  [
    "MS-SPEC-002",
    SUPERVISOR,
    "protocol: http",
    "protocl: http",
    "name: http",
    /unknown key ports\[0\].protocl/,
  ],
  ["MS-SPEC-003", SUPERVISOR, "stopTimeoutSeconds: 30", "", "", /missing key stopTimeoutSeconds/],
  ["MS-SPEC-003", SUPERVISOR, "user: 65532", "user: 0", "user:", /root/],
  [
    "MS-SPEC-004",
    SUPERVISOR,
    "{ cpu: 256, memoryMiB: 512 }",
    "{ cpu: 256, memoryMiB: 768 }",
    "fargate:",
    /512, 1024, 2048/,
  ],
  [
    "MS-SPEC-004",
    PLATFORM,
    "{ cpu: 512, memoryMiB: 1024 }",
    "{ cpu: 300, memoryMiB: 1024 }",
    "fargate:",
    /300 CPU units/,
  ],
  [
    "MS-SPEC-005",
    SUPERVISOR,
    "stopTimeoutSeconds: 30",
    "stopTimeoutSeconds: 20",
    "DRAIN_TIMEOUT",
    /25 s by default/,
  ],
  [
    "MS-SPEC-006",
    "mcp-gateway/service.yaml",
    "port: 50051",
    "port: 8080",
    "name: grpc",
    /port grpc \(8080\)/,
  ],
  [
    "MS-SPEC-007",
    SUPERVISOR,
    "secret: database-url",
    "secret: database-url, default: x",
    "DATABASE_URL",
    /plain text/,
  ],
  [
    "MS-SPEC-008",
    SUPERVISOR,
    "nats.port.client}",
    "nats.port.clinet}",
    "NATS_URL",
    /nats has no port clinet/,
  ],
  ["MS-SPEC-008", SUPERVISOR, "nats.host}", "nast.host}", "NATS_URL", /names no service/],
  [
    "MS-SPEC-009",
    SUPERVISOR,
    "dependsOn: [nats, postgres]",
    "dependsOn: [nats, mysql]",
    "dependsOn",
    /mysql/,
  ],
  ["MS-SPEC-010", SUPERVISOR, "name: LOG_LEVEL", "name: HTTP_PORT", "LOG_LEVEL", /HTTP_PORT is there twice/],
  ["MS-SPEC-011", SUPERVISOR, /^ {2}port: http$/m, "  port: web", "  port: http", /port web/],
  [
    "MS-SPEC-012",
    SUPERVISOR,
    "default: 10, min: 1",
    "default: 10, min: 11",
    "WORKER_POOL_SIZE",
    /10 is below 11/,
  ],
  [
    "MS-SPEC-013",
    SUPERVISOR,
    "dependsOn: [nats, postgres]",
    "dependsOn: [mcp-gateway]",
    "dependsOn",
    /depends on itself/,
  ],
  [
    "MS-SPEC-014",
    SUPERVISOR,
    "memoryMiB: 256, cpu: 0.25",
    "memoryMiB: 600, cpu: 0.25",
    "container:",
    /600 MiB/,
  ],
  ["MS-SPEC-003", SUPERVISOR, "timeoutSeconds: 3", "timeoutSeconds: 1", "timeoutSeconds", />=2/],
  [
    "MS-SPEC-007",
    SUPERVISOR,
    "secret: mcp-signing-key",
    "wiring: abc",
    "MCP_SIGNING_KEY",
    /a variable of this name is a secret/,
  ],
  [
    "MS-SPEC-007",
    SUPERVISOR,
    /secret: database-url, reaches: "[^"]*"/,
    "default: 'postgres://me:s3cret@db/x'",
    "DATABASE_URL",
    /a password in an address/,
  ],
  [
    "MS-SPEC-007",
    "claude-worker/service.yaml",
    'type: url, meaning: "Other address',
    'type: url, default: sk-ant-0123456789, meaning: "Other address',
    "ANTHROPIC_BASE_URL",
    /a key of an API/,
  ],
  ["MS-SPEC-008", SUPERVISOR, "nats.servers}", "postgres.servers}", "NATS_STREAM_REPLICAS", /no cluster/],
  ["MS-SPEC-008", SUPERVISOR, "deployment.environment}", "deployment.name}", "EMF_ENVIRONMENT", /none of/],
  [
    "MS-SPEC-008",
    SUPERVISOR,
    'postgres.port.sql}"',
    'postgres.host}"',
    "DATABASE_URL",
    /\$\{postgres\.host\} is no port of another service/,
  ],
  [
    "MS-SPEC-008",
    SUPERVISOR,
    /"[^"]*postgres.port.sql[^"]*"/,
    "postgres",
    "DATABASE_URL",
    /"postgres" leads to no port/,
  ],
  [
    "MS-SPEC-008",
    "claude-worker/service.yaml",
    /:[^:]*mcp-gateway.port.http.\/mcp/,
    "/mcp",
    "MCP_GATEWAY_URL",
    /an address of mcp-gateway that names none of its ports/,
  ],
  [
    "MS-SPEC-008",
    OBSERVABILITY_FILE,
    "supervisor.port.http}",
    "supervisor.port.metrics}",
    "reaches:",
    /supervisor has no port metrics/,
  ],
  [
    "MS-SPEC-003",
    SUPERVISOR,
    /, reaches: "[^"]*"/,
    "",
    "dependsOn",
    /depends on postgres, but no wiring or reaches leads to a port of it/,
  ],
  [
    "MS-SPEC-003",
    OBSERVABILITY_FILE,
    /, "[^"]*claude-worker.port.http[^"]*"/,
    "",
    "dependsOn",
    /prometheus depends on claude-worker, but/,
  ],
  [
    "MS-SPEC-016",
    "mcp-gateway/service.yaml",
    "port: 50051",
    "port: 9091",
    "name: grpc",
    /mcp-gateway listens on 9091, which is a port of claude-worker \(services\/claude-worker\/service.yaml:10\)/,
  ],
  ["MS-SPEC-016", PLATFORM, "port: 6222", "port: 5432", "port: 5432", /postgres listens on 5432.*nats/],
  ["MS-SPEC-017", SUPERVISOR, "retentionDays: 30", "retentionDays: 31", "retentionDays", /31 days/],
  [
    "MS-SPEC-018",
    "claude-worker/service.yaml",
    "min: 1, max: 20, jobs",
    "min: 6, max: 20, jobs",
    "scaling:",
    /5 replicas/,
  ],
  ["MS-SPEC-015", SUPERVISOR, "name: supervisor", "name: nats", "name: supervisor", /nats is there twice/],
];

describe("a broken spec", () => {
  it.each(CASES)("%s %s: %s -> %s", (code, file, from, to, near, reason) => {
    const problem = problemsAfter(file, from, to).find((candidate) => candidate.code === code);
    expect(problem?.reason).toMatch(reason);
    expect(problem?.file).toBe(`services/${file}`);
    if (near !== "") expect(problem?.line).toBe(lineOf(file, near));
  });

  it("is reported whole, each problem in one line with file, line and next step", () => {
    const texts = specTexts();
    texts[SUPERVISOR] = (texts[SUPERVISOR] ?? "")
      .replace("replicas: 1", "replicas: -1")
      .replace("user: 65532", "usr: 65532");
    const run = () => parseSystem(texts);
    expect(run).toThrow(/^MS-SPEC-00\d services\/supervisor\/service\.yaml:\d+ .+\. Next: .+\.$/m);
    const both = problemsAfter(SUPERVISOR, "user: 65532", "usr: 65532");
    expect(both.map((problem) => problem.code).sort()).toEqual(["MS-SPEC-002", "MS-SPEC-003"]);
  });
});

describe("the catalogue of errors", () => {
  it("lists every code of the specs with the same next step", () => {
    const catalogue = parse(repoText("services/contracts/errors.yaml")) as {
      errors: { code: string; next: string }[];
    };
    const listed = catalogue.errors.filter((entry) => entry.code.startsWith("MS-SPEC-"));
    expect(Object.fromEntries(listed.map((entry) => [entry.code, entry.next]))).toEqual(SPEC_PROBLEM_NEXT);
  });
});
