import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretVariables } from "../../../dagger/src/spec/environment.ts";
import { root } from "../../shared/dagger-call.ts";
import { readPermissions, readSystem } from "../../shared/read-system.ts";
import { type StackPlan, writeStack } from "../stack-directory.ts";
import { mustRecreate, noteRecreated } from "../stack-files.ts";

const system = readSystem(root);
const plan: StackPlan = {
  project: "mistersmith",
  system,
  permissions: readPermissions(root),
  images: Object.fromEntries([...system.keys()].map((name) => [name, `images/${name}`])),
  helperImage: "helper",
  observability: [],
  anthropicApiKey: "sk-one",
};

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/ms-stack-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = (path: string) => readFileSync(`${directory}/${path}`, "utf8");
const modeOf = (path: string) => statSync(`${directory}/${path}`).mode & 0o777;

it("the first time makes keys that only their owner gets at", () => {
  writeStack(`${directory}/new`, plan);
  expect(mustRecreate(`${directory}/new`)).toBe(false);
  expect(modeOf("new")).toBe(0o700);
  expect(modeOf("new/secrets")).toBe(0o700);
  expect(modeOf("new/secrets/database-url")).toBe(0o444);
  expect(modeOf("new/operator-token")).toBe(0o600);
  const secrets = [...system.values()].flatMap((spec) => secretVariables(spec).map(({ secret }) => secret));
  for (const secret of secrets) expect(read(`new/secrets/${secret}`), secret).not.toBe("");
});

it("the second time keeps every key and makes a new token", () => {
  const first = writeStack(directory, plan);
  const before = ["secrets/database-url", "secrets/mcp-signing-key", "nats.conf"].map(read);
  const second = writeStack(directory, plan);
  expect(["secrets/database-url", "secrets/mcp-signing-key", "nats.conf"].map(read)).toEqual(before);
  expect(mustRecreate(directory)).toBe(false);
  expect(second).not.toBe(first);
});

it("another key of the Messages API is taken, and containers are made anew, however often it was interrupted", () => {
  writeStack(directory, plan);
  const changed = { ...plan, anthropicApiKey: "sk-two" };
  writeStack(directory, changed);
  expect(read("secrets/anthropic-api-key")).toBe("sk-two");
  writeStack(directory, changed);
  expect(mustRecreate(directory)).toBe(true);
  noteRecreated(directory);
  writeStack(directory, changed);
  expect(mustRecreate(directory)).toBe(false);
});

it("keys that are not complete are refused and not replaced", () => {
  writeStack(directory, plan);
  const url = read("secrets/database-url");
  rmSync(`${directory}/secrets/mcp-signing-key`);
  expect(() => writeStack(directory, plan)).toThrow(/^MS-STACK-007 .*has no mcp-signing-key\. Next: /);
  expect(read("secrets/database-url")).toBe(url);
});

it.each([
  ["secrets/database-url", "", /secrets has nothing in database-url/],
  ["secrets/mcp-signing-key", "-----BEGIN", /secrets\/mcp-signing-key is no key/],
  ["nats-public-keys.json", '{ "supervisor": ', /nats-public-keys\.json is no JSON/],
])("%s that a full disk cut off is refused", (path, content, reason) => {
  writeStack(directory, plan);
  rmSync(`${directory}/${path}`);
  writeFileSync(`${directory}/${path}`, content);
  expect(() => writeStack(directory, plan)).toThrow(/^MS-STACK-007 /);
  expect(() => writeStack(directory, plan)).toThrow(reason);
});

it("keys count from the moment when all of them are written", () => {
  mkdirSync(`${directory}/nats-public-keys.json.new`);
  expect(() => writeStack(directory, plan)).toThrow(/^MS-STACK-015 .*nats-public-keys\.json/);
  const url = read("secrets/database-url");
  rmSync(`${directory}/nats-public-keys.json.new`, { recursive: true });
  writeStack(directory, plan);
  expect(read("secrets/database-url")).not.toBe(url);
  writeStack(directory, plan);
});

it("a file that cannot be written leaves the one before, and the message names it", () => {
  writeStack(directory, plan);
  mkdirSync(`${directory}/secrets/anthropic-api-key.new`);
  expect(() => writeStack(directory, { ...plan, anthropicApiKey: "sk-two" })).toThrow(
    /^MS-STACK-015 .*\/secrets\/anthropic-api-key: .* Next: make room/,
  );
  expect(read("secrets/anthropic-api-key")).toBe("sk-one");
});

it("a mode that somebody changed is put right", () => {
  writeStack(directory, plan);
  chmodSync(`${directory}/nats.conf`, 0o600);
  writeStack(directory, plan);
  expect(modeOf("nats.conf")).toBe(0o644);
});
