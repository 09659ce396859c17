import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "../../shared/dagger-call.ts";
import { readSystem } from "../../shared/read-system.ts";
import { imagesThere, loadImages } from "../load-images.ts";
import { up } from "../up.ts";
import { TryMachine } from "./support/try-stack.ts";

const system = readSystem(root);
let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
  machine.writeImages();
});
afterEach(() => machine.remove());

const loads = () => machine.freshCalls().filter((call) => call === "docker load --quiet");
const load = () => loadImages(machine.images, system);

it.each([
  ["the store of old, whose id is the configuration's digest", "sha256:2a86919f960f4abaeec869a881cada41"],
  ["containerd's, which makes a manifest of its own", "sha256:77af4d6b9913e693e8d0b4b294fa62ad"],
])("by %s", async (_, id) => {
  await load();
  expect(loads()).toHaveLength(system.size);
  machine.docker(["image inspect*", { stdout: `${id}\n` }]);
  await load();
  expect(loads()).toEqual([]);
});

it("another content is another image, whose tag does not replace the first one's", async () => {
  const first = await load();
  machine.writeImages("two");
  const second = await load();
  for (const name of system.keys()) expect(second[name], name).not.toBe(first[name]);
  machine.writeImages("one");
  expect(await load()).toEqual(first);
});

it("what the stack had before goes when the new one runs, and what it still has stays", async () => {
  const start = () => up({ demo: true, observability: false, images: machine.images });
  await start();
  const before = await load();
  machine.freshCalls();
  await start();
  expect(machine.freshCalls().filter((call) => /image rm/.test(call))).toEqual([]);
  machine.writeImages("two");
  await start();
  const calls = machine.freshCalls();
  const removed = calls.filter((call) => call.startsWith("docker image rm "));
  expect(removed.sort()).toEqual([...system.keys()].map((name) => `docker image rm ${before[name]}`).sort());
  const begun = calls.findIndex((call) => / up --detach /.test(call));
  expect(calls.indexOf(removed[0] ?? "")).toBeGreaterThan(begun);
});

it("whoever wants to leave Docker as it was can ask which images are there", async () => {
  const there = "localhost/mistersmith/supervisor:47ca31fc2aa07cb2";
  machine.docker(["image ls --filter reference=localhost/mistersmith/*", { stdout: `${there}\n` }]);
  expect(await imagesThere()).toEqual([there]);
  machine.docker(["image ls*", { stdout: "" }]);
  expect(await imagesThere()).toEqual([]);
});

it("an image that Docker has no room for is told", async () => {
  const words =
    "Error processing tar file(exit status 1): write /usr/local/bin/node: no space left on device";
  machine.docker(["load*", { exitCode: 1, stderr: `${words}\n` }]);
  await expect(load()).rejects.toThrow(
    /^MS-STACK-005 docker load of localhost\/mistersmith\/\S+: .* no space left/,
  );
});
