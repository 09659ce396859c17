import { beforeEach, describe, expect, it, vi } from "vitest";
import { parseVersions } from "../../src/spec/versions.ts";
import { repoObservedSystem, repoSystem, repoText } from "./support/repo.ts";

/** What the engine is told: its progress and its traces show every argument, but the value of a secret. */
const engine = vi.hoisted(() => {
  const shown: string[] = [];
  const secrets = new Map<string, string>();
  const recorder: object = new Proxy(() => undefined, {
    get: (_target, name) => {
      if (name === "then") return undefined;
      if (name === "setSecret")
        return (secret: string, value: string) => {
          secrets.set(secret, value);
          return recorder;
        };
      return (...args: unknown[]) => {
        const plain = args.filter((arg) => arg !== recorder);
        shown.push(`${String(name)} ${JSON.stringify(plain)}`);
        return recorder;
      };
    },
  });
  return { shown, secrets, recorder };
});
vi.mock("@dagger.io/dagger", () => ({ dag: engine.recorder, ReturnType: {} }));

const { composeDirectory } = await import("../../src/adapters/hand-off.ts");
const { wireStack } = await import("../../src/adapters/run-stack.ts");

const source = {
  directory: () => engine.recorder,
  file: (path: string) => ({ contents: async () => repoText(path) }),
};
const system = repoSystem();
const project = {
  system,
  observed: repoObservedSystem(),
  versions: parseVersions(repoText("ci/versions.json")),
  source,
  base: () => engine.recorder,
  select: () => engine.recorder,
  files: () => engine.recorder,
  ownServices: () => [...system.values()].filter(({ repository }) => repository !== undefined),
} as never;

/** Nothing that the engine shows holds any value. */
function expectNoneShown(): void {
  for (const [name, value] of engine.secrets)
    for (const line of engine.shown)
      expect(
        line.includes(value) || line.includes(JSON.stringify(value).slice(1, -1)),
        `${name} in ${line}`,
      ).toBe(false);
}

/** The names of the secrets without the word that sets one run's apart. */
const names = () => [...engine.secrets.keys()].map((name) => name.replace(/-[0-9a-f-]{36}$|-nonce$/, ""));

beforeEach(() => {
  engine.shown.length = 0;
  engine.secrets.clear();
});

describe("the values that are made for a deployment", () => {
  it("compose: reach their files as secrets, and nothing else", async () => {
    await composeDirectory(project, "localhost:5000", "latest");
    for (const name of ["operator-token", "secrets/postgres-password", "secrets/nats-worker-seed"])
      expect(names()).toContain(name);
    for (const name of ["secrets/database-url", "secrets/mcp-signing-key"]) expect(names()).toContain(name);
    expect(engine.shown.join("\n")).toContain("docker-compose.yml");
    expectNoneShown();
  });

  it("stack: are mounted as secrets, also the token, which the front alone prints", async () => {
    const images = new Map([...system.keys()].map((name) => [name, engine.recorder as never]));
    await wireStack(project, images, { workers: 1, nonce: "nonce" });
    for (const name of [
      "notice",
      "authorization",
      "postgres-password",
      "nats-worker-seed",
      "mcp-signing-key",
    ])
      expect(names()).toContain(name);
    const token = engine.secrets.get("authorization-nonce")?.replace("Authorization: Bearer ", "") ?? "";
    expect(token.length).toBeGreaterThan(20);
    expect(engine.shown.join("\n")).not.toContain(token);
    // Not a generated value: the word that stands where no key was given.
    engine.secrets.delete("anthropic-api-key-nonce");
    expectNoneShown();
  });

  it("stack: a key that was given is never read", async () => {
    const plaintext = vi.fn();
    const images = new Map([...system.keys()].map((name) => [name, engine.recorder as never]));
    const anthropicApiKey = { plaintext } as never;
    await wireStack(project, images, { workers: 1, nonce: "nonce", anthropicApiKey });
    expect(plaintext).not.toHaveBeenCalled();
    expect(names()).not.toContain("anthropic-api-key");
  });
});
