import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { down } from "../down.ts";

/** Stands in for docker: has a recent compose, notes what it is told, and fails where the test says. */
const DOCKER = `#!/bin/sh
case "$*" in
  version*) exit 0 ;;
  "compose version"*) echo 2.40.0; exit 0 ;;
esac
echo "$*" >>"$STACK_DIR.calls"
case "$*" in *"$FAILS"*) exit 1 ;; esac
`;

let place: string;

beforeEach(() => {
  place = mkdtempSync(`${tmpdir()}/ms-down-`);
  writeFileSync(`${place}/docker`, DOCKER);
  chmodSync(`${place}/docker`, 0o755);
  mkdirSync(`${place}/stack/secrets`, { recursive: true });
  writeFileSync(`${place}/stack/docker-compose.yml`, "name: mistersmith\n");
  vi.stubEnv("PATH", `${place}:${process.env.PATH}`);
  vi.stubEnv("STACK_DIR", `${place}/stack`);
  vi.stubEnv("FAILS", "nothing fails");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(place, { recursive: true });
});

/** What compose was told, without the words that come first in each. */
function steps(): string[] {
  const lines = readFileSync(`${place}/stack.calls`, "utf8").trim().split("\n");
  return lines.map((line) => line.replace(/^compose .*--profile \* /, ""));
}

it("containers, networks and scratch space go; data and keys stay", async () => {
  await down(false);
  expect(steps()).toEqual(["stop", "rm --force --volumes", "down --remove-orphans"]);
  expect(existsSync(`${place}/stack/secrets`)).toBe(true);
});

it("data and the keys that it belongs to go when they are asked for", async () => {
  await down(true);
  expect(steps().at(-1)).toBe("down --remove-orphans --volumes");
  expect(existsSync(`${place}/stack`)).toBe(false);
});

it("nothing there is no error, and what other files may have left is looked for", async () => {
  rmSync(`${place}/stack`, { recursive: true });
  await down(false);
  expect(readFileSync(`${place}/stack.calls`, "utf8")).toBe(
    "compose --project-name mistersmith --profile * down --remove-orphans\n",
  );
});

it("keys stay when compose could not remove the data", async () => {
  vi.stubEnv("FAILS", "down --remove");
  await expect(down(true)).rejects.toThrow(/^MS-STACK-006 `compose down` ended with 1\. Next: /);
  expect(existsSync(`${place}/stack/secrets`)).toBe(true);
});
