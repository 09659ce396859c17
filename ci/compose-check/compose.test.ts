/** What Docker Compose makes of the emitted file on a real engine: 10 agents, 5 workers. Runs after the seven rows. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { secretPath } from "../../dagger/src/emit/deployment-files.ts";
import { serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { connectOperator, databaseOf, gatewayUrl } from "../checklist/harness/clients/index.ts";
import { runAsync } from "../checklist/harness/command.ts";
import type { ComposeSystem } from "../checklist/harness/compose/system.ts";
import { parseLines, problemOf } from "../checklist/harness/log-lines.ts";
import { readPool } from "../checklist/harness/pool.ts";
import { hogCommand } from "../checklist/harness/probe.ts";
import { EVERY_SERVICE, PLATFORM, sharedSystem } from "../checklist/harness/row.ts";
import { resultOf } from "../checklist/harness/tasks.ts";
import { until } from "../checklist/harness/wait.ts";
import { reachableFrom } from "./support/reach.ts";
import { strangeLines } from "./support/server-lines.ts";
import { stopTimes } from "./support/stop-times.ts";

/** The only way in, whatever the specs say. */
const GATEWAY = "mcp-gateway";
const TOOLS = "tools";
const MIB = 1024 * 1024;
const NANO = 1e9;
const KILLED = 137;
const EVERYTHING = [...PLATFORM, ...EVERY_SERVICE];
/** What the platform gives a service of the pipeline between SIGTERM and SIGKILL. */
const STOP_MS = 10_000;
const HEALTHY_MS = 60_000;
const BACK_MS = 60_000;
/** Above a machine's page cache noise, and not more than it survives when the limit is missing. */
const HOG_FACTOR = 1.5;
const LONG_MS = 240_000;

describe("the emitted file under Docker Compose", () => {
  let system: ComposeSystem;

  beforeAll(async () => {
    system = (await sharedSystem()) as ComposeSystem;
    await system.ensureServices(EVERYTHING);
  }, LONG_MS);

  const stateOf = async (name: string) => {
    const state = await system.docker.inspect(system.container(name).id);
    if (!state) throw new Error(`${name} is gone`);
    return state;
  };

  it("runs 10 agents and 5 workers, each healthy, each ready within its budget", async () => {
    expect((await readPool(system.container("supervisor"))).ready).toBe(10);
    expect(system.containersOf("claude-worker")).toHaveLength(5);
    for (const { name, service } of system.members) {
      const { health, budgets } = serviceOf(system.specs, service);
      if (health?.command)
        await until(`${name} is healthy`, HEALTHY_MS, async () => {
          const { Status } = (await stateOf(name)).State.Health ?? {};
          if (Status !== "healthy") throw new Error(`it is ${Status}`);
          return true;
        });
      const limit = budgets?.readyMs?.limit;
      if (limit !== undefined)
        expect(system.readyMs.get(name), `${name} is ready in time`).toBeLessThan(limit);
    }
  }, 90_000);

  it("has the limits and the rights of the spec, as the engine sees them", async () => {
    for (const { name, service } of system.members) {
      const spec = serviceOf(system.specs, service);
      const { memoryMiB, cpu, pids } = spec.resources.container;
      expect((await stateOf(name)).HostConfig, name).toMatchObject({
        Memory: memoryMiB * MIB,
        MemorySwap: memoryMiB * MIB,
        NanoCpus: cpu * NANO,
        PidsLimit: pids,
        ReadonlyRootfs: spec.readOnlyRoot,
        CapDrop: ["ALL"],
        CapAdd: null,
        Privileged: false,
        SecurityOpt: ["no-new-privileges:true"],
        RestartPolicy: { Name: "unless-stopped" },
      });
    }
  });

  it("kills a service that takes more memory than its limit, and the service comes back", async () => {
    const name = "claude-worker-2";
    const member = system.members.find((candidate) => candidate.name === name);
    const victim = system.container(name);
    const { memoryMiB } = victim.spec.resources.container;
    const before = (await stateOf(name)).RestartCount;
    const since = Date.now();
    // The kernel takes the process with the highest score: the service itself plays the hog.
    writeFileSync(`/proc/${victim.pid()}/oom_score_adj`, "1000");
    await victim.exec(hogCommand(Math.ceil(memoryMiB * HOG_FACTOR)), BACK_MS);
    const { code } = await victim.exited;
    expect(code).toBe(KILLED);
    const oom = await system.docker.events({ container: [victim.id], event: ["oom"] }, since);
    expect(oom).not.toEqual([]);
    const back = await until(`${name} is back`, BACK_MS, async () => {
      const { RestartCount, State } = await stateOf(name);
      return RestartCount > before && State.Running;
    });
    expect(back).toBe(true);
    if (!member) throw new Error(`no member ${name}`);
    await system.refresh(member);
    await system.ensureServices(EVERYTHING);
  }, 150_000);

  it("answers from outside on the gateway's ports only, and there on loopback only", async () => {
    const gateway = new URL(gatewayUrl(system));
    expect((await fetch(`${gateway}health/live`)).status).toBe(200);
    for (const { name, service } of system.members) {
      const { Ports } = (await stateOf(name)).NetworkSettings;
      const opened = Object.values(Ports).flatMap((bindings) => bindings ?? []);
      const wanted = service === GATEWAY ? serviceOf(system.specs, service).ports.length : 0;
      expect(opened, name).toHaveLength(wanted);
      for (const { HostIp } of opened) expect(HostIp, name).toBe("127.0.0.1");
    }
    const outside = await reachableFrom("bridge", gatewayImage(), probeName("outside"), await everyAddress());
    expect(outside).toEqual([]);
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const foreign = addresses.filter(({ internal, family }) => !internal && family === "IPv4");
    expect(foreign.length).toBeGreaterThan(0);
    for (const { address } of foreign)
      await expect(fetch(`http://${address}:${gateway.port}/health/live`), address).rejects.toThrow();
  }, 60_000);

  it("lets nobody reach what it has no business with", async () => {
    const targets = ["nats:4222", "mcp-gateway:8080", ...(await everyAddress(["postgres", "supervisor"]))];
    const reach = (name: string) =>
      reachableFrom(`container:${system.container(name).id}`, gatewayImage(), probeName(name), targets);
    expect(await reach("claude-worker-1")).toEqual(["nats:4222", "mcp-gateway:8080"]);
    expect(await reach("mcp-gateway")).toEqual(["nats:4222", "mcp-gateway:8080"]);
    const sql = (await everyAddress(["postgres"])).filter((target) => target.endsWith(":5432"));
    const own = await everyAddress(["supervisor"]);
    expect(await reach("supervisor")).toEqual(expect.arrayContaining(["nats:4222", ...sql, ...own]));
    expect(await reach("supervisor")).not.toContain("mcp-gateway:8080");
  }, 90_000);

  it("lets a person work with msctl and with the field's own clients, under a read-only root", async () => {
    const seed =
      serviceOf(system.specs, TOOLS).env.find(({ name }) => name === "NATS_NKEY_SEED")?.secret ?? "";
    const nats = ["--entrypoint", "nats", TOOLS, "--nkey", secretPath(seed)];
    for (const [words, said] of [
      [[TOOLS, "pool"], /ready/],
      [[...nats, "stream", "ls", "--names"], /^DISCOVERIES$/m],
    ] as const) {
      const { code, stdout, stderr } = await system.compose(["run", "--rm", "--no-deps", "-T", ...words]);
      expect(code, `${words.join(" ")}: ${stderr}`).toBe(0);
      expect(stdout).toMatch(said);
    }
  }, 60_000);

  it("writes lines that parse, in every container", async () => {
    for (const { Id, Names, Labels } of await system.docker.list(system.project)) {
      if (isExtra(Names)) continue;
      const service = Labels["com.docker.compose.service"] ?? "";
      const spec = system.specs.get(service);
      const streams = await Promise.all(
        (["stdout", "stderr"] as const).map((stream) => system.docker.logs(Id, stream)),
      );
      const text = streams.join("");
      // Helpers say nothing unless they fail.
      const wrong =
        spec === undefined
          ? text.split("\n").filter((line) => line !== "" && !line.startsWith("curl: (7)"))
          : spec.image
            ? strangeLines(service, text)
            : parseLines(service, text)
                .map(problemOf)
                .filter((problem) => problem !== undefined);
      expect(wrong, Names.join()).toEqual([]);
      if (spec) expect(text, Names.join()).not.toBe("");
    }
  });

  it(
    "stops with code 0 in time, and the data outlives the containers",
    async () => {
      const mark = randomBytes(8).toString("hex");
      const operator = await connectOperator(system);
      const task = await operator.submit({ prompt: `Before the end ${mark} [[say:kept]]` });
      expect((await resultOf(operator, task, 40_000)).result).toBe("kept");
      const database = await databaseOf(system);
      await until("the task is in Postgres", 20_000, async () => {
        const rows = await database.rows(
          "select 1 from tasks where task_id = $1 and finished_at is not null",
          [task],
        );
        return rows.length === 1;
      });
      await Promise.all([operator.close(), database.close()]);

      await removeExtras();
      const begun = Date.now();
      expect((await system.compose(["stop"])).code).toBe(0);
      for (const { Id, Names } of await system.docker.list(system.project)) {
        const code = (await system.docker.inspect(Id))?.State.ExitCode;
        expect(code, Names.join()).toBe(0);
      }
      const ofProject = { label: [`com.docker.compose.project=${system.project}`], event: ["kill", "die"] };
      const took = await until("the end of everything is noted", HEALTHY_MS, async () => {
        const times = stopTimes(await system.docker.events(ofProject, begun));
        return Object.keys(times).length >= system.members.length && times;
      });
      for (const [name, milliseconds] of Object.entries(took))
        expect(milliseconds, `${name} stops in time`).toBeLessThan(STOP_MS);

      const mounted = await mountedVolumes();
      for (const step of [
        ["rm", "--force", "--volumes"],
        ["down", "--remove-orphans"],
      ])
        expect((await system.compose(step)).code, step[0]).toBe(0);
      expect(await system.docker.list(system.project)).toEqual([]);
      const kept = (await runAsync("docker", ["volume", "ls", "--quiet"])).stdout.split("\n");
      const named = ["nats-data", "postgres-data"].map((name) => `${system.project}_${name}`);
      expect(mounted.filter((name) => kept.includes(name)).sort()).toEqual(named);
      system.forget();
      await system.ensureServices(EVERYTHING);
      const again = await connectOperator(system);
      expect((await resultOf(again, task, 5000)).result).toBe("kept");
      await again.close();
      const reopened = await databaseOf(system);
      expect(await reopened.rows("select 1 from tasks where task_id = $1", [task])).toHaveLength(1);
      await reopened.close();
    },
    LONG_MS,
  );

  it(
    "leaves nothing when it is taken down with its volumes",
    async () => {
      expect((await system.compose(["down", "--volumes", "--remove-orphans"])).code).toBe(0);
      const label = `label=com.docker.compose.project=${system.project}`;
      for (const kind of [
        ["ps", "--all"],
        ["network", "ls"],
        ["volume", "ls"],
      ])
        expect((await runAsync("docker", [...kind, "--quiet", "--filter", label])).stdout, kind[0]).toBe("");
    },
    LONG_MS,
  );

  function gatewayImage(): string {
    return system.imageOf("mcp-gateway");
  }

  async function mountedVolumes(): Promise<string[]> {
    const containers = await system.docker.list(system.project);
    const states = await Promise.all(containers.map(({ Id }) => system.docker.inspect(Id)));
    const names = states.flatMap((state) => (state?.Mounts ?? []).flatMap(({ Name }) => Name ?? []));
    return [...new Set(names)];
  }

  function probeName(where: string): string {
    return `${system.project}-probe-${where}`;
  }

  /** `address:port` of every port of these services, on every network. */
  async function everyAddress(services: readonly string[] = EVERYTHING): Promise<string[]> {
    const members = system.members.filter(({ service }) => services.includes(service));
    const lists = await Promise.all(
      members.map(async ({ name, service }) => {
        const { Networks } = (await stateOf(name)).NetworkSettings;
        const ports = serviceOf(system.specs, service).ports.map(({ port }) => port);
        return Object.values(Networks).flatMap(({ IPAddress }) =>
          ports.map((port) => `${IPAddress}:${port}`),
        );
      }),
    );
    return lists.flat();
  }

  /** What single rows started beside the stack is no part of it. */
  async function removeExtras(): Promise<void> {
    const extras = (await system.docker.list(system.project)).filter(({ Names }) => isExtra(Names));
    for (const { Id } of extras) await runAsync("docker", ["rm", "--force", "--volumes", Id]);
  }

  function isExtra(names: readonly string[]): boolean {
    return names.some((name) => /-(early|bad)-/.test(name));
  }
});
