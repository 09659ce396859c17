import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// Programs that print their own name and arguments stand where the image has the real ones.
const bin = mkdtempSync(join(tmpdir(), "entrypoints-"));
for (const name of ["node", "registry", "postgres", "other"]) {
  writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} "$@"\n`);
  chmodSync(join(bin, name), 0o755);
}
afterAll(() => rmSync(bin, { recursive: true }));

function start(file: string, args: string[], env: Record<string, string> = {}) {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  return spawnSync("sh", [path, ...args], {
    encoding: "utf8",
    env: { PATH: `${bin}:${process.env.PATH}`, ...env },
  });
}

test.each([
  [["--version"], "node --version"],
  [["app.js", "a b"], "node app.js a b"],
  [["other", "x"], "other x"],
])("node's entrypoint: %j", (args, expected) => {
  expect(start("node/docker-entrypoint.sh", args).stdout).toBe(`${expected}\n`);
});

test.each([
  [["/etc/docker/registry/config.yml"], "registry serve /etc/docker/registry/config.yml"],
  [["serve", "x.yml"], "registry serve x.yml"],
  [["garbage-collect", "x.yml"], "registry garbage-collect x.yml"],
  [["other"], "other"],
])("the registry's entrypoint: %j", (args, expected) => {
  expect(start("registry/entrypoint.sh", args).stdout).toBe(`${expected}\n`);
});

test.each([
  [["other", "x"], "other x"],
  [["--version"], "postgres --version"],
  [["postgres", "--help"], "postgres --help"],
])("postgres' entrypoint without a database: %j", (args, expected) => {
  expect(start("postgres/docker-entrypoint.sh", args).stdout).toBe(`${expected}\n`);
});
