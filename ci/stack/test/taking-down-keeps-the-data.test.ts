import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { down } from "../down.ts";
import { up } from "../up.ts";
import { TryMachine } from "./support/try-stack.ts";

let machine: TryMachine;

beforeEach(async () => {
  machine = new TryMachine();
  machine.writeImages();
  await up({ demo: true, observability: false, images: machine.images });
  machine.freshCalls();
});
afterEach(() => machine.remove());

/** What compose was told, without the words that come first in each. */
function steps(): string[] {
  const calls = machine.freshCalls().filter((call) => / --profile \* /.test(call));
  return calls.map((call) => call.replace(/^docker compose .*--profile \* /, ""));
}

it("containers, networks and scratch space go; data and keys stay", async () => {
  await down(false);
  expect(steps()).toEqual(["stop", "rm --force --volumes", "down --remove-orphans"]);
  expect(existsSync(`${machine.stack}/secrets/database-url`)).toBe(true);
});

it("data, the keys that it belongs to and the images go when they are asked for", async () => {
  await down(true);
  const removed = machine.calls.filter((call) => call.startsWith("docker image rm "));
  expect(removed).toContainEqual(expect.stringMatching(/ localhost\/mistersmith\/supervisor:[0-9a-f]{16}$/));
  expect(steps().at(-1)).toBe("down --remove-orphans --volumes");
  expect(existsSync(machine.stack)).toBe(false);
});

it("keys that are broken do not keep it from going, which is the way out", async () => {
  writeFileSync(`${machine.stack}/nats-public-keys.json`, '{ "supervisor": ');
  const start = () => up({ demo: true, observability: false, images: machine.images });
  await expect(start()).rejects.toThrow(/^MS-STACK-007 .* Next: run `make stack-down VOLUMES=1`/);
  await down(true);
  await start();
});

it("what a person put into the directory stays, their settings among it", async () => {
  writeFileSync(`${machine.stack}/.env`, "CLAUDE_WORKER_REPLICAS=2\n");
  writeFileSync(`${machine.stack}/notes`, "mine");
  await down(true);
  expect(readdirSync(machine.stack)).toEqual([".env", "notes"]);
});

it("nothing there is no error, and what other files may have left is looked for", async () => {
  await down(true);
  machine.freshCalls();
  await down(false);
  expect(machine.calls.filter((call) => call.startsWith("docker compose --"))).toEqual(
    ["stop", "rm --force --volumes", "down --remove-orphans"].map(
      (step) => `docker compose --project-name mistersmith --profile * ${step}`,
    ),
  );
  expect(machine.environment).toMatch(/^PWD=\/$/m);
});

it("keys stay when compose could not remove the data", async () => {
  machine.docker(["compose*down --remove*", { exitCode: 1 }]);
  await expect(down(true)).rejects.toThrow(/^MS-STACK-006 `compose down` ended with 1\. Next: /);
  expect(existsSync(`${machine.stack}/secrets/database-url`)).toBe(true);
});
