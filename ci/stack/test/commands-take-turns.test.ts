import { afterEach, beforeEach, expect, it } from "vitest";
import { down } from "../down.ts";
import { up } from "../up.ts";
import { TryMachine } from "./support/try-stack.ts";

let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
  machine.writeImages();
});
afterEach(() => machine.remove());

it("two of a kind and a third that takes down do not mix", async () => {
  const start = () => up({ demo: true, observability: false, images: machine.images });
  await Promise.all([start(), start(), down(false)]);
  // Each begins by looking for what is there, and ends with the last of its own.
  const marks = machine.calls.flatMap((call) => {
    if (call.startsWith("docker ps --all")) return ["begin"];
    return / (port mcp-gateway 50051|down --remove-orphans)$/.test(call) ? ["end"] : [];
  });
  expect(marks).toEqual(["begin", "end", "begin", "end", "begin", "end"]);
});
