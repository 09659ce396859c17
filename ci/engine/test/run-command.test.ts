import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runCommand } from "../run-command.ts";

it("gives exit code and both streams apart", async () => {
  const result = await runCommand("sh", ["-c", "echo out; echo err >&2; exit 4"]);
  expect(result).toEqual({ exitCode: 4, stdout: "out\n", stderr: "err\n" });
});

it("does not mind a program that leaves its input unread", async () => {
  expect((await runCommand("true", [], { input: "x".repeat(1_000_000) })).exitCode).toBe(0);
});

it("takes a variable away", async () => {
  const { stdout } = await runCommand("sh", ["-c", "env"], { env: { HOME: undefined, WORD: "there" } });
  expect(stdout).toContain("WORD=there");
  expect(stdout).not.toMatch(/^HOME=/m);
});

it("an unknown command of the bootstrap ends with its error", async () => {
  const state = mkdtempSync(join(tmpdir(), "main-"));
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", main, "fly"], {
    env: { ...process.env, MISTERSMITH_STATE: join(state, "state") },
  });
  let text = "";
  child.stderr.on("data", (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, "close");
  expect({ code, text }).toEqual({
    code: 1,
    text: 'MS-ENGINE-009 there is no command "fly". Next: give one of up, down, clean, status.\n',
  });
  rmSync(state, { recursive: true });
});
