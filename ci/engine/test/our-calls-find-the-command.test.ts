/** Whoever starts `dagger` for this project gets the command that `make setup` has decided for. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { daggerEnvironment, preferCommand, preferPersonsCommand } from "../command-path.ts";

const SYSTEM = "/usr/bin:/bin";
const root = fileURLToPath(new URL("../../..", import.meta.url));

let work: string;
let ours: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "path-"));
  ours = join(work, "state/bin/dagger");
  vi.stubEnv("MISTERSMITH_STATE", join(work, "state"));
  program(ours, 'echo "ours $*"');
  program(join(work, "older/dagger"), "echo older");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(work, { recursive: true });
});

function program(path: string, body: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}

/** What `dagger` prints in an environment. */
function whose(env: NodeJS.ProcessEnv): string {
  return execFileSync("/bin/sh", ["-c", "dagger || true"], { env, encoding: "utf8" }).trim();
}

describe("our calls start", () => {
  it("our command where the PATH has none", () => {
    preferCommand(ours);
    expect(whose(daggerEnvironment({ ...process.env, PATH: SYSTEM }))).toBe("ours");
  });

  it("our command where an older one is first on the PATH", () => {
    preferCommand(ours);
    preferCommand(ours);
    expect(whose(daggerEnvironment({ ...process.env, PATH: `${join(work, "older")}:${SYSTEM}` }))).toBe(
      "ours",
    );
  });

  it("the person's command as soon as that is the right one", () => {
    preferCommand(ours);
    preferPersonsCommand();
    expect(whose(daggerEnvironment({ ...process.env, PATH: `${join(work, "older")}:${SYSTEM}` }))).toBe(
      "older",
    );
  });

  it("nothing of the folder they stand in, when there is no PATH at all", () => {
    expect(daggerEnvironment({ MISTERSMITH_STATE: "/state" }).PATH).toBe("/state/command");
    expect(daggerEnvironment({ MISTERSMITH_STATE: "/state", PATH: "" }).PATH).toBe("/state/command");
  });
});

describe("the script behind `make registry`", () => {
  const script = ["--import", "tsx", "ci/run/dagger.ts"];
  // The PATH has Node only by accident.
  const env = () => ({ ...process.env, PATH: SYSTEM });

  it("passes the terminal, the words and the exit code on", () => {
    program(ours, 'read line; echo "ours $* $line"; exit 3');
    preferCommand(ours);
    const args = [...script, "call", "registry", "up"];
    const { status, stdout } = spawnSync(process.execPath, args, {
      cwd: root,
      env: env(),
      input: "typed\n",
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 3, stdout: "ours call registry up typed\n" });
  });

  it("says what to do when there is no command", () => {
    const { status, stderr } = spawnSync(process.execPath, script, {
      cwd: root,
      env: env(),
      encoding: "utf8",
    });
    expect(status).toBe(127);
    expect(stderr).toContain("MS-CHECK-004 dagger cannot be started");
  });

  it("hands a signal on and ends as the command ends", async () => {
    program(ours, 'trap "echo ended; exit 5" TERM; echo ready; while :; do sleep 0.1; done');
    preferCommand(ours);
    const child = spawn(process.execPath, script, { cwd: root, env: env() });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text === "ready\n") child.kill("SIGTERM");
    });
    const [code] = await once(child, "close");
    expect({ code, text }).toEqual({ code: 5, text: "ready\nended\n" });
  });
});
