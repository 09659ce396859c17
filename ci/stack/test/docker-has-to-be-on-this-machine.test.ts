import { afterEach, beforeEach, expect, it } from "vitest";
import { isLocalEndpoint } from "../daemon.ts";
import { down } from "../down.ts";
import { up } from "../up.ts";
import { TryMachine } from "./support/try-stack.ts";

let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
});
afterEach(() => machine.remove());

it.each([
  ["unix:///var/run/docker.sock", true],
  ["unix:///home/a/.docker/desktop/docker.sock", true],
  ["npipe:////./pipe/docker_engine", true],
  ["tcp://127.0.0.1:2375", true],
  ["tcp://localhost:2375", true],
  ["tcp://localhost.example.com:2375", false],
  ["tcp://docker:2375", false],
  ["tcp://127.0.0.1.example.com:2375", false],
  ["ssh://me@build-machine", false],
])("%s is on this machine: %s", (endpoint, expected) => {
  expect(isLocalEndpoint(endpoint)).toBe(expected);
});

it.each([
  ["up", () => up({ demo: true, observability: false })],
  ["down", () => down(false)],
])("%s refuses a daemon of another machine, which a context or DOCKER_HOST chose", async (_, command) => {
  machine.docker(["context inspect*", { stdout: "ssh://me@build-machine\n" }]);
  await expect(command()).rejects.toThrow(
    "MS-STACK-009 docker talks to ssh://me@build-machine, which cannot mount files of this machine. Next: use the daemon",
  );
});

it("a daemon that does not answer is told in Docker's own words", async () => {
  const words =
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running";
  machine.docker(["version*", { exitCode: 1, stderr: `${words}?\n` }]);
  await expect(down(false)).rejects.toThrow(`MS-STACK-001 \`docker version\` fails: ${words}. Next: `);
});
