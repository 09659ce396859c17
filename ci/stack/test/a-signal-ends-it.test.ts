import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "../../shared/dagger-call.ts";
import { alone } from "../stack-lock.ts";
import { TryMachine } from "./support/try-stack.ts";

let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
});
afterEach(() => machine.remove());

it("also while it waits for another command", async () => {
  await alone("mistersmith", async () => {
    const stack = startDown();
    await lineOf(stack, /waiting for another run/);
    stack.kill("SIGINT");
    expect(await once(stack, "exit")).toEqual([130, null]);
  });
  expect(machine.calls.filter((call) => / ps --all/.test(call))).toEqual([]);
});

function startDown(): ChildProcess {
  const script = [`${root}/node_modules/tsx/dist/cli.mjs`, `${root}/ci/stack/main.ts`, "down"];
  return spawn(process.execPath, script, { stdio: ["ignore", "ignore", "pipe"] });
}

async function lineOf({ stderr }: ChildProcess, pattern: RegExp): Promise<void> {
  if (!stderr) throw new Error("no stderr");
  for await (const line of createInterface(stderr)) if (pattern.test(line)) return;
}
