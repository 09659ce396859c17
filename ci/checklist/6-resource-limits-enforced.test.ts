/** Row 6: memory, processes, time, output, money; the root, the user, and the budgets of the spec. */
import { afterAll, beforeAll, expect } from "vitest";
import { OWN_SERVICES } from "../../dagger/src/spec/parse-system.ts";
import { serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { connectOperator, databaseOf } from "./harness/clients/index.ts";
import type { NatsClient, TaskOptions } from "./harness/clients/nats.ts";
import type { Container } from "./harness/container.ts";
import { liveAndReady } from "./harness/health.ts";
import { forkCommand, hogCommand, probeCommand } from "./harness/probe.ts";
import { EVERY_SERVICE, row, verifies } from "./harness/row.ts";
import { slowed } from "./harness/slowness.ts";
import { expectSwapLimit } from "./harness/swap.ts";
import { resultOf, type TaskResult } from "./harness/tasks.ts";
import { PATIENCE, patient, until } from "./harness/wait.ts";

const OWN = ["supervisor", "mcp-gateway", "claude-worker-1"];
const KILLED = 137;
const MIB = 1024 * 1024;
/** More than the limit, and not more than a machine survives when the limit is missing. */
const HOG_FACTOR = 1.5;
/**
 * The kernel lets a few charges pass a full group: those of sockets, of interrupts and of a process that it is ending
 * ("usage may go over the limit temporarily", says its documentation of memory.max).
 */
const LET_THROUGH_BYTES = MIB;
/** Longer than it takes to start them all with a small share of a core. */
const SLEEP_SECONDS = Math.round(10 * PATIENCE);
/** A job that ran into its time limit has ended by then. */
const LATE_MS = slowed(15_000);
const BASE_COST_USD = 0.5;

row(6, EVERY_SERVICE, ({ system, note }) => {
  let operator: NatsClient;
  beforeAll(async () => {
    operator = await connectOperator(system());
  });
  afterAll(() => operator?.close());

  const expectAlive = async (container: Container, pid: number): Promise<void> => {
    expect(container.exit, `${container.name} lives`).toBeUndefined();
    expect(container.pid()).toBe(pid);
    await until(
      `${container.name} is ready`,
      15_000,
      async () => (await liveAndReady(container)).ready === 200,
    );
  };

  const expectRefusedProcesses = async (container: Container): Promise<void> => {
    const { pids } = container.spec.resources.container;
    const [pid, before] = [container.pid(), container.counters()];
    await container.exec(forkCommand(pids + 10, SLEEP_SECONDS), 4000 * SLEEP_SECONDS);
    const after = container.counters();
    note(`${container.name}: processes refused above ${pids}`, after.pidsRefused - before.pidsRefused);
    expect(after.pidsLimit).toBe(pids);
    expect(after.pidsRefused, `refused in ${container.name}`).toBeGreaterThan(before.pidsRefused);
    await until("the processes end", 10_000, () => container.counters().pidsCurrent < pids / 2);
    await expectAlive(container, pid);
  };

  const runTask = async (task: TaskOptions): Promise<TaskResult & { took: number }> => {
    const begun = Date.now();
    const result = await resultOf(operator, await operator.submit(task), 40_000);
    return { ...result, took: Date.now() - begun };
  };

  verifies("LIMIT-1", async () => {
    for (const container of OWN.map((name) => system().container(name))) {
      const { memoryMiB } = container.spec.resources.container;
      const limit = memoryMiB * MIB;
      const [pid, before] = [container.pid(), container.counters()];
      expectSwapLimit(container.name, before);
      const { code } = await container.exec(hogCommand(Math.ceil(memoryMiB * HOG_FACTOR)), patient(60_000));
      const after = container.counters();
      note(`${container.name}: exit code of the hog, limit ${memoryMiB} MiB`, code);
      expect(code, `hog in ${container.name}`).toBe(KILLED);
      expect(after.oomKills, `kills in ${container.name}`).toBeGreaterThan(before.oomKills);
      expect(after.memoryLimitBytes).toBe(limit);
      expect(after.memoryAndSwapLimitBytes ?? limit, `with swap in ${container.name}`).toBe(limit);
      // It was stopped at the limit, neither far below nor far above. (The count of failed charges tells less: version 1
      // does not count where the limit is one of memory and swap.)
      const distance = Math.abs((after.memoryPeakBytes ?? limit) - limit);
      expect(distance, `peak of ${container.name}`).toBeLessThanOrEqual(LET_THROUGH_BYTES);
      await expectAlive(container, pid);
    }
  });

  verifies("LIMIT-2", async () => {
    await Promise.all(OWN.map((name) => expectRefusedProcesses(system().container(name))));
  });

  verifies("LIMIT-3", async () => {
    const result = await runTask({ prompt: "Too long. [[slow:60000]]", timeout_ms: 3000 });
    note("job with a timeout of 3 s: ended after", result.took, "ms", LATE_MS);
    expect([result.outcome, result.error?.code]).toEqual(["timed_out", "MS-WORK-004"]);
    expect(result.took).toBeLessThan(LATE_MS);
  });

  verifies("LIMIT-4", async () => {
    const result = await runTask({ prompt: "Too much. [[flood:3000000]]" });
    note("job that wrote 3 MB of 1 MiB allowed", result.error?.code ?? result.outcome);
    expect([result.outcome, result.error?.code]).toEqual(["over_output", "MS-WORK-006"]);
  });

  verifies("LIMIT-5", async () => {
    const result = await runTask({ prompt: "Too dear. [[tokens:100000]]", budget_usd: BASE_COST_USD });
    note("job with a budget of 0.5 USD cost", result.cost_usd ?? 0, "USD");
    expect([result.outcome, result.error?.code]).toEqual(["over_budget", "MS-WORK-005"]);
    expect(result.cost_usd).toBeGreaterThan(BASE_COST_USD);
    const database = await databaseOf(system());
    await until("the cost is in Postgres", 15_000, async () => {
      const rows = await database.rows("select * from cost_ledger where outcome = 'over_budget'");
      return rows.some((entry) => Math.abs(Number(entry.cost_usd) - (result.cost_usd ?? 0)) < 0.001);
    });
    await database.close();
  });

  verifies("LIMIT-6", async () => {
    for (const container of OWN.map((name) => system().container(name))) {
      const { spec } = container;
      const { stdout } = await container.exec(probeCommand("id", "-u"));
      expect(Number(stdout), container.name).toBe(spec.user);
      for (const path of ["/planted", "/usr/planted", "/etc/planted"]) {
        const { code, stderr } = await container.exec(probeCommand("touch", path));
        expect(code, `${path} in ${container.name}`).not.toBe(0);
        expect(stderr).toMatch(/Read-only file system|No such file|Permission denied/);
      }
      for (const { path } of spec.writablePaths)
        expect((await container.exec(probeCommand("touch", `${path}/planted`))).code, path).toBe(0);
    }
    note("user of every service", serviceOf(system().specs, "supervisor").user);
    note("services whose root is read-only", OWN.length);
  });

  verifies("LIMIT-7", async () => {
    for (const name of OWN_SERVICES) {
      const spec = serviceOf(system().specs, name);
      const bytes = await system().imageBytes(name);
      const limit = spec.budgets?.imageBytes.limit ?? 0;
      note(`${name}: files of the image`, bytes, "bytes", limit);
      expect(bytes, `image of ${name}`).toBeLessThan(limit);
    }
    for (const name of OWN) {
      const container = system().container(name);
      const { budgets } = container.spec;
      const readyMs = system().readyMs.get(name) ?? Number.NaN;
      const readyLimitMs = slowed(budgets?.readyMs?.limit ?? 0);
      note(`${name}: ready after`, readyMs, "ms", readyLimitMs);
      expect(readyMs, `${name} is ready in time`).toBeLessThan(readyLimitMs);
      const memory = container.counters().memoryNowBytes;
      note(`${name}: memory now`, memory, "bytes", (budgets?.memoryMiB?.limit ?? 0) * MIB);
      expect(memory).toBeLessThan((budgets?.memoryMiB?.limit ?? 0) * MIB);
    }
  });
});
