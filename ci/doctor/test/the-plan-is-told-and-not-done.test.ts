import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ENGINE_ERRORS, EngineError } from "../../engine/engine-error.ts";
import type { Probe } from "../../engine/plan.ts";
import { engineFacts, engineFindings } from "../engine.ts";

const WANTED = "v0.19.10";
const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const PROBE: Probe = {
  commandVersion: async () => WANTED,
  chosenEngine: () => undefined,
  docker: async () => ({ kind: "answers", words: "", isDefaultSocket: false }),
  otherRuntime: async () => undefined,
  runningEngine: async () => "foreign",
  localImage: async () => undefined,
  pullImage: async () => {
    throw new Error("the doctor fetches nothing");
  },
  whyNoStandIn: () => "this is user 1000",
  isDockerManaged: () => true,
};

describe("the plan", () => {
  it("of a machine that has all", async () => {
    const facts = await engineFacts(PROBE, WANTED);
    expect(engineFindings(facts, WANTED)).toEqual([
      { subject: "engine", found: `${WANTED}: one runs, and is used` },
      { subject: "dagger", found: "on the PATH, of a version that fits" },
    ]);
  });

  it("without a command says who brings it", async () => {
    const facts = await engineFacts({ ...PROBE, commandVersion: async () => undefined }, WANTED);
    expect(engineFindings(facts, WANTED)[1]?.follows).toContain("`make setup` fetches it");
  });

  it("that ends in an error has its code, and its next step once", async () => {
    const docker: Probe["docker"] = async () => ({
      kind: "denied",
      words: "permission denied",
      isDefaultSocket: true,
    });
    const [finding, ...others] = engineFindings(await engineFacts({ ...PROBE, docker }, WANTED), WANTED);
    expect(others).toEqual([]);
    expect(finding).toEqual({
      subject: "engine",
      found: 'MS-ENGINE-012 Docker refuses this user: "permission denied"',
      next: ENGINE_ERRORS["MS-ENGINE-012"],
    });
  });

  it("of a Docker that falls silent is not waited for", async () => {
    const facts = await engineFacts({ ...PROBE, runningEngine: () => new Promise(() => {}) }, WANTED, 50);
    expect(engineFindings(facts, WANTED)[0]?.next).toContain("restart Docker");
  });

  it("passes on what is no error of the bootstrap", async () => {
    const broken: Probe["runningEngine"] = () => Promise.reject(new TypeError("no JSON"));
    await expect(engineFacts({ ...PROBE, runningEngine: broken }, WANTED)).rejects.toThrow(TypeError);
    expect(
      await engineFacts(
        { ...PROBE, docker: async () => Promise.reject(new EngineError("MS-ENGINE-014", "x")) },
        WANTED,
      ),
    ).toBeInstanceOf(EngineError);
  });
});

describe("the whole report", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "doctor-"));
    symlinkSync(process.execPath, join(folder, "node"));
    symlinkSync("/bin/sh", join(folder, "sh"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function docker(...lines: string[]): void {
    writeFileSync(join(folder, "docker"), ["#!/bin/sh", `echo "$*" >> ${folder}/calls`, ...lines].join("\n"));
    chmodSync(join(folder, "docker"), 0o755);
  }

  function doctor(
    args: string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, ["--import", "tsx", MAIN, ...args], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      env: { PATH: folder, HOME: folder, MISTERSMITH_STATE: join(folder, "state"), ...env },
      encoding: "utf8",
    });
  }

  it("ends with the one next step and code 1 when something blocks, and nothing was pulled", () => {
    docker(
      'case "$1" in version) echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1 ;;',
      '--version) echo "Docker version 28.2.2, build e6534b4" ;; *) exit 1 ;; esac',
    );
    const { status, stdout } = doctor();
    expect(stdout.trim().split("\n").at(-1)).toBe(`Next: ${ENGINE_ERRORS["MS-ENGINE-012"]}.`);
    expect(status).toBe(1);
    expect(readFileSync(join(folder, "calls"), "utf8")).not.toMatch(/^(pull|run|start)\b/m);
  });

  it("asks the registry about the engine's image and does not fetch it", () => {
    docker(
      'case "$1" in version) echo 28.2.2 ;; manifest) echo "toomanyrequests: You have reached your pull rate limit" >&2; exit 1 ;; *) exit 1 ;; esac',
    );
    const { stdout } = doctor();
    expect(stdout).toContain("You have reached your pull rate limit");
    const calls = readFileSync(join(folder, "calls"), "utf8");
    expect(calls).toMatch(/^manifest inspect /m);
    expect(calls).not.toMatch(/^(pull|run|start)\b/m);
  });

  it("as JSON says the same, and holds no secret of the environment", () => {
    docker(
      'echo "Cannot connect to the Docker daemon at tcp://me:pa55word@10.0.0.1:2375. Is the docker daemon running?" >&2; exit 1',
    );
    const env = {
      DOCKER_HOST: "tcp://me:pa55word@10.0.0.1:2375",
      HTTPS_PROXY: "http://me:pa55word@10.0.0.2:3128",
      ANTHROPIC_API_KEY: "sk-ant-1234567890",
    };
    const { status, stdout } = doctor(["--json"], env);
    const report = JSON.parse(stdout) as { findings: { subject: string }[]; next: string };
    expect({ status, next: report.next }).toEqual({ status: 1, next: ENGINE_ERRORS["MS-ENGINE-014"] });
    expect(report.findings.map(({ subject }) => subject)).toContain("proxy");
    expect(stdout).not.toMatch(/pa55word|sk-ant|10\.0\.0\.2/);
    expect(stdout).not.toContain(folder);
  });

  it("takes no other argument", () => {
    expect(doctor(["--help"])).toMatchObject({ status: 64, stderr: expect.stringMatching(/^MS-CHECK-022 /) });
  });
});
