import { expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "../../shared/dagger-call.ts";
import { readSystem } from "../../shared/read-system.ts";
import { closingWords } from "../closing-words.ts";
import { isRecent } from "../compose-command.ts";
import { demoFile } from "../demo.ts";
import { up } from "../up.ts";

const stack = {
  url: "http://127.0.0.1:8080",
  grpc: "127.0.0.1:50051",
  token: "TOKEN",
  tokenFile: "out/stack/operator-token",
  compose: ["docker", "compose", "--file", "out/stack/docker-compose.yml"],
  stackDown: "make stack-down",
};

it("URLs, a token and the next command to type", () => {
  const text = closingWords({ ...stack, demo: false });
  for (const part of ["http://127.0.0.1:8080/mcp", "127.0.0.1:50051", "TOKEN", "make stack-down"])
    expect(text).toContain(part);
  expect(text).toMatch(
    /docker compose --file out\/stack\/docker-compose\.yml run --rm tools task submit '.+' --watch/,
  );
  expect(text).not.toContain("stand-in");
  expect(closingWords({ ...stack, demo: true })).toContain("with a stand-in of the Messages API");
  const spaced = closingWords({
    ...stack,
    compose: ["docker", "compose", "--file", "my work/a.yml"],
    demo: true,
  });
  expect(spaced).toContain("docker compose --file 'my work/a.yml' run");
});

it("without a key and without DEMO nothing is started", async () => {
  await expect(up({ demo: false, observability: false })).rejects.toThrow(
    "MS-STACK-003 ANTHROPIC_API_KEY is not set. Next: set ANTHROPIC_API_KEY, or use the stand-in: `make stack DEMO=1`.",
  );
});

it("the demonstration leads the workers to a stand-in that has no more rights than they", () => {
  const { services, networks } = parse(demoFile(readSystem(root), "gateway")) as {
    services: Record<string, { environment?: object; ports?: unknown; [key: string]: unknown }>;
    networks: Record<string, { internal: boolean }>;
  };
  expect(Object.keys(services)).toEqual(["messages-api", "claude-worker"]);
  expect(services["claude-worker"]?.environment).toEqual({ ANTHROPIC_BASE_URL: "http://messages-api:8765" });
  expect(services["messages-api"]).toMatchObject({ cap_drop: ["ALL"], read_only: true, user: "65532:65532" });
  expect(services["messages-api"]?.ports).toBeUndefined();
  expect(networks["messages-api"]).toEqual({ internal: true });
});

it.each([
  ["2.40.3", true],
  ["v2.21.0", true],
  ["5.2.0", true],
  ["2.20.9", false],
  ["1.29.2", false],
])("compose %s is recent enough: %s", (version, expected) => {
  expect(isRecent(version)).toBe(expected);
});
