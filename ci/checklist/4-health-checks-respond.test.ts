/** Row 4: health in every state, with each dependency taken away and given back. */
import { expect } from "vitest";
import { grpcHealth } from "./harness/clients/grpc.ts";
import { connectOperator, databaseOf, gatewayUrl } from "./harness/clients/index.ts";
import type { Container } from "./harness/container.ts";
import { liveAndReady } from "./harness/health.ts";
import { EVERY_SERVICE, row, verifies } from "./harness/row.ts";
import { resultOf } from "./harness/tasks.ts";
import { until } from "./harness/wait.ts";

const OWN = ["supervisor", "mcp-gateway", "claude-worker-1"];
const TURN_MS = 20_000;
const UP = { live: 200, ready: 200 };
const DOWN = { live: 200, ready: 503 };

row(4, EVERY_SERVICE, ({ system, note }) => {
  const own = () => OWN.map((name) => system().container(name));

  const becomes = async (container: Container, wanted: { live: number; ready: number }): Promise<number> => {
    const begun = Date.now();
    await until(`${container.name} is ${JSON.stringify(wanted)}`, TURN_MS, async () => {
      const { live, ready } = await liveAndReady(container);
      if (live !== wanted.live) throw new Error(`live is ${live}`);
      return ready === wanted.ready;
    });
    return Date.now() - begun;
  };

  const commandCode = async (container: Container): Promise<number> =>
    (await container.exec(system().healthCommand(container.spec))).code;

  verifies("HEALTH-1", async () => {
    for (const container of own()) {
      expect(await liveAndReady(container), container.name).toEqual(UP);
      expect(await commandCode(container), `health command of ${container.name}`).toBe(0);
    }
    const postgres = system().container("postgres");
    expect(await commandCode(postgres)).toBe(0);
    expect(await grpcHealth(gatewayUrl(system(), "grpc"))).toBe("SERVING");
    note("services that answer live, ready and by command", OWN.length);
  });

  verifies("HEALTH-2", async () => {
    const nats = system().container("nats");
    await nats.pause();
    try {
      const times = await Promise.all(own().map((container) => becomes(container, DOWN)));
      note("NATS away: not ready after (slowest)", Math.max(...times), "ms");
      for (const container of own())
        expect(await commandCode(container), `health command of ${container.name} without NATS`).not.toBe(0);
      expect(await grpcHealth(gatewayUrl(system(), "grpc"))).toBe("NOT_SERVING");
    } finally {
      await nats.resume();
    }
    const times = await Promise.all(own().map((container) => becomes(container, UP)));
    note("NATS back: ready after (slowest)", Math.max(...times), "ms");
    expect(await grpcHealth(gatewayUrl(system(), "grpc"))).toBe("SERVING");
  });

  verifies("HEALTH-3", async () => {
    const [postgres, supervisor] = [system().container("postgres"), system().container("supervisor")];
    const operator = await connectOperator(system());
    await postgres.pause();
    let task = "";
    try {
      note("Postgres away: not ready after", await becomes(supervisor, DOWN), "ms");
      expect(await liveAndReady(system().container("mcp-gateway"))).toEqual(UP);
      task = await operator.submit({ prompt: "Without a database. [[say:done without]]" });
      expect((await resultOf(operator, task, 20_000)).result).toBe("done without");
    } finally {
      await postgres.resume();
    }
    note("Postgres back: ready after", await becomes(supervisor, UP), "ms");
    const database = await databaseOf(system());
    const rows = await until("the recorder catches up", TURN_MS, async () => {
      const found = await database.rows("select * from cost_ledger where task_id = $1 and final", [task]);
      return found.length > 0 && found;
    });
    expect(rows).toHaveLength(1);
    await Promise.all([database.close(), operator.close()]);
  });

  verifies("HEALTH-4", async () => {
    const nats = system().container("nats");
    await nats.pause();
    const early = await Promise.all(
      ["mcp-gateway", "claude-worker"].map((service) =>
        system().startExtra(
          `early-${service}`,
          service,
          service === "claude-worker" ? { env: { WORKER_ID: "early" } } : {},
        ),
      ),
    );
    try {
      await Promise.all(early.map((container) => container.started()));
      for (const container of early)
        await until(`${container.name} is live`, TURN_MS, async () => {
          const { live, ready } = await liveAndReady(container);
          expect(ready, `${container.name} must not be ready`).not.toBe(200);
          return live === 200;
        });
    } finally {
      await nats.resume();
    }
    const times = await Promise.all(early.map((container) => becomes(container, UP)));
    note("started before NATS: ready after it is there (slowest)", Math.max(...times), "ms");
    const ends = await Promise.all(early.map((container) => container.stop("TERM")));
    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    await Promise.all(own().map((container) => becomes(container, UP)));
  });

  verifies("HEALTH-5", async () => {
    const bad = { HTTP_PORT: "eighty", LOG_LEVEL: "loud", DRAIN_TIMEOUT_SECONDS: "0" };
    for (const service of ["supervisor", "mcp-gateway", "claude-worker"]) {
      const container = await system().startExtra(`bad-${service}`, service, { env: bad });
      const exit = await container.exited;
      const text = await container.output("stderr");
      expect(exit.code, `exit code of ${service}`).toBe(78);
      for (const name of Object.keys(bad)) expect(text, service).toMatch(new RegExp(`MS-CONF-001 .*${name}`));
      note(`${service}: bad variables listed`, text.match(/MS-CONF-\d{3}/g)?.length ?? 0);
    }
  });
});
