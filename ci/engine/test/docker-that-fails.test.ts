/** Programs under Docker's name that fail as the real one does: what the bootstrap does about it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { daemonState } from "../docker-daemon.ts";
import { pullEngine } from "../engine-pull.ts";
import { stubMachine } from "./stub-machine.ts";

const LIMITED =
  "Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit";
const UNKNOWN_HOST =
  'Error response from daemon: Get "https://registry.example/v2/": dial tcp: lookup registry.example on 10.0.0.53:53: no such host';
const DENIED = "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock";

const machine = stubMachine("docker");

/** A docker that notes its calls. */
const docker = (body: string) => machine.program("docker", `echo "$*" >>${machine.folder()}/calls\n${body}`);

const calls = () => readFileSync(join(machine.folder(), "calls"), "utf8").trim().split("\n");

describe("a pull", () => {
  it("that is limited for a moment is tried again", async () => {
    docker(`[ "$(wc -l <${machine.folder()}/calls)" -ge 3 ] || { echo '${LIMITED}' >&2; exit 1; }`);
    expect((await pullEngine("v1.2.3", [0, 0])).kind).toBe("pulled");
    expect(calls()).toHaveLength(3);
  });

  it("that stays limited ends, with the last words", async () => {
    docker(`echo '${LIMITED}' >&2; exit 1`);
    expect(await pullEngine("v1.2.3", [0, 0])).toMatchObject({ kind: "limited", words: LIMITED });
    expect(calls()).toHaveLength(3);
  });

  it("to a host that is not known is not tried again", async () => {
    docker(`echo '${UNKNOWN_HOST}' >&2; exit 1`);
    expect((await pullEngine("v1.2.3", [0, 0])).kind).toBe("unreachable");
    expect(calls()).toHaveLength(1);
  });
});

it("a daemon that hangs is one that does not answer", async () => {
  docker("sleep 30");
  expect(await daemonState(500)).toMatchObject({ kind: "unreachable", words: "no end within 0.5 s" });
});

describe("`make setup`", () => {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  function setup(): { status: number | null; stderr: string } {
    const args = ["--import", "tsx", main, "up"];
    const { status, stderr } = spawnSync(process.execPath, args, { env: process.env, encoding: "utf8" });
    return { status, stderr };
  }

  it("of a user outside of Docker's group ends with Docker's words and the way in, and builds nothing", () => {
    docker(`echo '${DENIED}' >&2; exit 1`);
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(lastLine(stderr)).toMatch(
      new RegExp(`^MS-ENGINE-012 Docker refuses this user: "${DENIED}"\\. Next: .*usermod -aG docker`),
    );
    // Questions only, those about the machine among them.
    expect(
      calls().filter((call) => !/^(--version|version|info|context|compose version)\b/.test(call)),
    ).toEqual([]);
  });

  it("with a DOCKER_HOST that is gone names it", () => {
    docker(
      "echo 'Cannot connect to the Docker daemon at tcp://10.0.0.9:2375. Is the docker daemon running?' >&2; exit 1",
    );
    const { status, stderr } = setup();
    expect(status).toBe(1);
    expect(lastLine(stderr)).toMatch(
      /^MS-ENGINE-014 .*tcp:\/\/10\.0\.0\.9:2375.*\?"\. Next: check DOCKER_HOST/,
    );
  });
});

/** The error stands behind what the machine has, so that its next step is the last thing that a person reads. */
function lastLine(stderr: string): string {
  expect(stderr).toContain("This machine as MisterSmith sees it");
  return stderr.trim().split("\n").at(-1) ?? "";
}
