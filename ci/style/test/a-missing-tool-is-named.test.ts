import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { runTool, type StyleResult } from "../run-tool.ts";
import { clippyVersion, pipelinesRust, styleTools } from "../tools.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "style-"));
  for (const path of ["services", "ci"]) mkdirSync(join(folder, path));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, ...lines: string[]): void {
  writeFileSync(join(folder, name), ["#!/bin/sh", ...lines].join("\n"));
  chmodSync(join(folder, name), 0o755);
}

function check(name: string): StyleResult {
  const tool = styleTools("1.95", "1.95").find((found) => found.name.endsWith(name));
  if (!tool) throw new Error(`there is no ${name}`);
  return runTool(tool, "check", folder, { PATH: folder });
}

it.each([
  ["rustfmt", "cargo fmt --version", "spawnSync cargo ENOENT"],
  ["clippy", "cargo clippy --version", "spawnSync cargo ENOENT"],
  ["gofmt", "gofmt -l", "spawnSync gofmt ENOENT"],
])("a machine without %s gets a code and the next step", (name, ask, reason) => {
  const { state, words } = check(name);
  expect(state).toBe("MISSING");
  expect(words).toMatch(/^MS-CHECK-032 .* Next: /);
  expect(words).toContain(`\`${ask}\` does not work: ${reason}`);
});

it("a name on the PATH is no tool: rustup's proxy says what is missing", () => {
  program(
    "cargo",
    "echo \"error: 'cargo-clippy' is not installed for the toolchain '1.95.0-x86_64-unknown-linux-gnu'.\" >&2; exit 1",
  );
  expect(check("clippy")).toEqual({
    state: "MISSING",
    words: expect.stringContaining("does not work: error: 'cargo-clippy' is not installed for the toolchain"),
  });
});

it("gofmt ends well and prints what is not formatted", () => {
  program("gofmt", '[ "$1" = -l ] || echo "diff main.go.orig main.go"');
  expect(check("gofmt")).toEqual({ state: "FAIL", words: "diff main.go.orig main.go" });
  program("gofmt", ":");
  expect(check("gofmt")).toEqual({ state: "ok", words: "" });
});

it("warnings count with the pipeline's clippy only", () => {
  const clippy = (version: string | undefined) =>
    styleTools(version, "1.95").find(({ name }) => name.endsWith("clippy"));
  expect(clippy("1.95")?.check.join(" ")).toMatch(/ -- -D warnings$/);
  expect(clippy("1.95")?.note).toBeUndefined();
  expect(clippy("1.97")?.check.join(" ")).not.toContain("warnings");
  expect(clippy("1.97")?.note).toBe("warnings do not count: it is of Rust 1.97, the pipeline's of 1.95");
  expect(clippy(undefined)?.check.join(" ")).toMatch(/ -- -D warnings$/);
});

it("versions are read from clippy and from ci/versions.json", () => {
  expect(clippyVersion("clippy 0.1.95 (59807616e1 2026-04-14)\n")).toBe("1.95");
  expect(clippyVersion("error: no such command: `clippy`\n")).toBeUndefined();
  expect(pipelinesRust(ROOT)).toMatch(/^1\.\d+$/);
});

it("what is missing keeps no other tool from running", () => {
  program("npx", ":");
  const { stdout, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(ROOT, "ci/style/main.ts"), "check"],
    { cwd: ROOT, env: { PATH: folder }, encoding: "utf8" },
  );
  const lines = stdout.split("\n").filter((line) => /^(ok|FAIL|MISSING) /.test(line));
  expect({ status, lines }).toEqual({
    status: 1,
    lines: styleTools(undefined, "1.95").map(
      ({ name, ask }) => `${(ask ? "MISSING" : "ok").padEnd(7)} ${name}`,
    ),
  });
});
