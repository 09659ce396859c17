import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keysFingerprint } from "../stack-keys.ts";
import { up } from "../up.ts";
import { holding, TryMachine, volume } from "./support/try-stack.ts";

let machine: TryMachine;

beforeEach(() => {
  machine = new TryMachine();
  machine.writeImages();
});
afterEach(() => machine.remove());

const start = () => up({ demo: true, observability: false, images: machine.images });
const started = () => machine.calls.filter((call) => /load|volume create|compose .* up /.test(call));

it("data without its keys is refused at once, before anything is loaded or started", async () => {
  machine.docker(...holding([], [volume("nats-data"), volume("postgres-data")]));
  await expect(start()).rejects.toThrow(
    "MS-STACK-011 there is data of an earlier stack in mistersmith_nats-data, mistersmith_postgres-data, " +
      `but no keys in ${machine.stack}. ` +
      "Next: bring the directory with those keys back, or run `make stack-down VOLUMES=1`",
  );
  expect(started()).toEqual([]);
});

it("one volume alone is enough, and what belongs to no key is none", async () => {
  machine.docker(...holding([], [volume("postgres-data")]));
  await expect(start()).rejects.toThrow(/^MS-STACK-011 .* earlier stack in mistersmith_postgres-data, but/);
  machine.docker(...holding([], [volume("prometheus-data")]));
  await start();
});

it("new volumes carry the keys that their data belongs to, and are there before compose", async () => {
  await start();
  const [nats = "", postgres = "", compose = ""] = started().slice(-3);
  for (const [call, name] of [
    [nats, "nats-data"],
    [postgres, "postgres-data"],
  ] as const) {
    expect(call).toContain(`--label com.docker.compose.volume=${name} `);
    expect(call).toContain(`--label io.mistersmith.stack.keys=${keysFingerprint(machine.stack)} `);
    expect(call).toContain(`--label io.mistersmith.stack.directory=${machine.stack} mistersmith_${name}`);
  }
  expect(compose).toMatch(/ up --detach --wait /);
});

it("data of other keys is refused, with the place where they were; that of these keys is taken", async () => {
  await start();
  const labels = { "io.mistersmith.stack.keys": keysFingerprint(machine.stack) ?? "" };
  machine.docker(...holding([machine.stack], [volume("postgres-data", labels)]));
  await start();
  const others = { "io.mistersmith.stack.keys": "00", "io.mistersmith.stack.directory": "/gone/stack" };
  machine.docker(...holding([], [volume("postgres-data", others)]));
  await expect(start()).rejects.toThrow(
    `MS-STACK-011 the data in mistersmith_postgres-data belongs to other keys than those in ${machine.stack}; ` +
      "its keys were in /gone/stack. Next: ",
  );
});

it("data of an older version, which has no mark, is taken with the keys that are there", async () => {
  await start();
  machine.docker(...holding([machine.stack], [volume("nats-data"), volume("postgres-data")]));
  await start();
});

it("keys that were lost after the start are missed the next time", async () => {
  await start();
  const labels = { "io.mistersmith.stack.directory": machine.stack };
  rmSync(machine.stack, { recursive: true });
  machine.docker(...holding([machine.stack], [volume("postgres-data", labels)]));
  await expect(start()).rejects.toThrow(`but no keys in ${machine.stack}. Next: `);
});

it("keys that may not be read are not taken for none", async () => {
  mkdirSync(machine.stack);
  symlinkSync("nats-public-keys.json", `${machine.stack}/nats-public-keys.json`);
  machine.docker(...holding([], [volume("postgres-data")]));
  await expect(start()).rejects.toThrow(
    /^MS-STACK-015 .*\/nats-public-keys\.json: E\w+: .* Next: make room, or give the directory to the user/,
  );
});

it("a volume that a person filled by hand shows when Postgres refuses the password", async () => {
  machine.docker(
    ["compose*up*", { exitCode: 1, stderr: "container mistersmith-supervisor-1 is unhealthy\n" }],
    [
      "compose*logs*",
      { stdout: 'postgres-1  | FATAL:  password authentication failed for user "mistersmith"\n' },
    ],
  );
  await expect(start()).rejects.toThrow(
    `MS-STACK-011 Postgres refuses the password that ${machine.stack} has. Next: `,
  );
});

it("without an answer about the volumes nothing is started", async () => {
  const [containers, list] = holding([], [volume("postgres-data")]);
  if (!containers || !list) throw new Error("no answers");
  machine.docker(containers, list, [
    "volume inspect*",
    { exitCode: 1, stderr: "Error response from daemon: get mistersmith_postgres-data: no such volume\n" },
  ]);
  await expect(start()).rejects.toThrow(
    "MS-STACK-014 `docker volume inspect`: Error response from daemon: get mistersmith_postgres-data: no such volume. Next: ",
  );
  expect(started()).toEqual([]);
});
