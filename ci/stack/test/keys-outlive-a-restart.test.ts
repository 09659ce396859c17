import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretVariables } from "../../../dagger/src/spec/environment.ts";
import { root } from "../../shared/dagger-call.ts";
import { readPermissions, readSystem } from "../../shared/read-system.ts";
import { imageReferences } from "../load-images.ts";
import { type StackPlan, writeStack } from "../stack-directory.ts";

const system = readSystem(root);
const plan: StackPlan = {
  system,
  permissions: readPermissions(root),
  images: imageReferences(system),
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
  const { mountsChanged } = writeStack(`${directory}/new`, plan);
  expect(mountsChanged).toBe(false);
  expect(modeOf("new")).toBe(0o700);
  expect(modeOf("new/secrets")).toBe(0o700);
  expect(modeOf("new/secrets/database-url")).toBe(0o444);
  expect(modeOf("new/operator-token")).toBe(0o600);
  const secrets = [...system.values()].flatMap((spec) => secretVariables(spec).map(({ secret }) => secret));
  for (const secret of secrets) expect(read(`new/secrets/${secret}`), secret).not.toBe("");
});

it("the second time keeps every key and makes a new token", async () => {
  const first = writeStack(directory, plan);
  const before = ["secrets/database-url", "secrets/mcp-signing-key", "nats.conf"].map(read);
  const second = writeStack(directory, plan);
  expect(["secrets/database-url", "secrets/mcp-signing-key", "nats.conf"].map(read)).toEqual(before);
  expect(second.mountsChanged).toBe(false);
  expect(second.token).not.toBe(first.token);
});

it("another key of the Messages API is taken, and said to be a change", () => {
  writeStack(directory, plan);
  expect(writeStack(directory, { ...plan, anthropicApiKey: "sk-two" }).mountsChanged).toBe(true);
  expect(read("secrets/anthropic-api-key")).toBe("sk-two");
});

it("keys that are not complete are refused and not replaced", () => {
  writeStack(directory, plan);
  const url = read("secrets/database-url");
  rmSync(`${directory}/secrets/mcp-signing-key`);
  expect(() => writeStack(directory, plan)).toThrow(/^MS-STACK-007 .*has no mcp-signing-key\. Next: /);
  expect(read("secrets/database-url")).toBe(url);
});
