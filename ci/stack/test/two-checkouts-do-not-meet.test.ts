import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { root } from "../../shared/dagger-call.ts";
import { down } from "../down.ts";
import { ComposeProject } from "../project.ts";
import { keysFingerprint } from "../stack-keys.ts";
import { up } from "../up.ts";
import { holding, TryMachine, volume } from "./support/try-stack.ts";

let machine: TryMachine;
let other: string;

beforeEach(() => {
  machine = new TryMachine();
  machine.writeImages();
  other = `${machine.place}/other`;
  mkdirSync(other);
  writeFileSync(`${other}/nats-public-keys.json`, "{}");
});
afterEach(() => machine.remove());

const start = () => up({ demo: true, observability: false, images: machine.images });
const done = () => machine.calls.filter((call) => /load|compose .* (up|stop|rm|down) /.test(call));
const MARKED = "io.mistersmith.stack.directory";

describe.each([
  ["up", start],
  ["down", () => down(false)],
  ["down with its data", () => down(true)],
])("%s", (_, command) => {
  it("leaves the containers of another checkout alone and names it", async () => {
    machine.docker(...holding([other]));
    await expect(command()).rejects.toThrow(
      `MS-STACK-012 the stack \`mistersmith\` is that of ${other}. Next: take that one down from its own checkout`,
    );
    expect(done()).toEqual([]);
  });

  it("leaves the data of another checkout alone, whose stack is down", async () => {
    machine.docker(...holding([], [volume("postgres-data", { [MARKED]: other })]));
    await expect(command()).rejects.toThrow(`MS-STACK-012 the stack \`mistersmith\` is that of ${other}.`);
    expect(done()).toEqual([]);
  });

  it("does not take what it may not look into for nobody's", async () => {
    symlinkSync("loop", `${machine.place}/loop`);
    machine.docker(...holding([`${machine.place}/loop`]));
    await expect(command()).rejects.toThrow(/^MS-STACK-012 /);
  });

  it("goes on with what a checkout left that is gone", async () => {
    rmSync(other, { recursive: true });
    machine.docker(...holding([other], [volume("prometheus-data", { [MARKED]: other })]));
    await command();
    expect(done()).not.toEqual([]);
  });
});

it("its own containers are no hindrance, also by another name of the directory", async () => {
  await start();
  symlinkSync(machine.stack, `${machine.place}/alias`);
  machine.docker(...holding([`${machine.place}/alias`]));
  await start();
  await down(false);
});

it("a copy of the directory has the same keys, and the data is its own", async () => {
  await start();
  const labels = {
    [MARKED]: machine.stack,
    "io.mistersmith.stack.keys": keysFingerprint(machine.stack) ?? "",
  };
  cpSync(machine.stack, `${machine.place}/copy`, { recursive: true });
  vi.stubEnv("STACK_DIR", `${machine.place}/copy`);
  machine.docker(...holding([], [volume("postgres-data", labels)]));
  await start();
});

describe("STACK_NAME", () => {
  it("is a project of its own, in a directory and a file of its own", async () => {
    vi.stubEnv("STACK_NAME", "second");
    const words = await start();
    expect(readFileSync(`${machine.stack}/docker-compose.yml`, "utf8")).toMatch(/^name: second$/m);
    expect(machine.calls).toContainEqual(expect.stringMatching(/^docker ps --all .*project=second /));
    expect(words).toContain("--project-name second --file ");
    expect(words).toContain("in the end: make stack-down STACK_NAME=second");
    vi.stubEnv("STACK_DIR", "");
    expect(new ComposeProject(["docker"]).directory).toBe(`${root}/out/stack-second`);
  });

  it.each(["Second", "-second", "../second", "a b"])(
    "%s is refused before anything is done",
    async (name) => {
      vi.stubEnv("STACK_NAME", name);
      await expect(start()).rejects.toThrow(
        `MS-STACK-013 STACK_NAME is "${name}". Next: give lower-case letters`,
      );
      expect(done()).toEqual([]);
    },
  );
});
