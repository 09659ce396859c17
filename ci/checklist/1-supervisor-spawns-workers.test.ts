/** Row 1: the supervisor runs its pool of agents inside its container. */
import { expect } from "vitest";
import { defaultOf } from "../../dagger/src/spec/environment.ts";
import { serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { connectOperator, databaseOf } from "./harness/clients/index.ts";
import { readPool } from "./harness/pool.ts";
import { processesBelow } from "./harness/processes.ts";
import { row, verifies } from "./harness/row.ts";
import { until } from "./harness/wait.ts";

// Twice the first backoff for its jitter, and a second for a machine with other things to do.
const JITTER = 2;
const SLACK_MS = 1000;

row(1, ["supervisor"], ({ system, note }) => {
  const numberOf = (name: string): number => {
    const spec = serviceOf(system().specs, "supervisor");
    const variable = spec.env.find((candidate) => candidate.name === name);
    if (!variable) throw new Error(`the supervisor has no ${name}`);
    return Number(defaultOf(variable, spec, system().specs));
  };

  verifies("SPAWN-1", async () => {
    const size = numberOf("WORKER_POOL_SIZE");
    const supervisor = system().container("supervisor");
    const pool = await until("the pool is full", 10_000, async () => {
      const read = await readPool(supervisor);
      return read.ready === size && read;
    });
    const agents = processesBelow(supervisor.pid()).filter((entry) => entry.pid !== supervisor.pid());
    note("agents in /v1/pool", pool.agents.length);
    note("agent processes in the container", agents.length);
    expect(pool.size).toBe(size);
    expect(agents).toHaveLength(size);
    expect(new Set(pool.agents.map((agent) => agent.agent_id)).size).toBe(size);
    expect(new Set(pool.agents.map((agent) => agent.pid))).toEqual(
      new Set(agents.map((entry) => entry.innerPid)),
    );
  });

  verifies("SPAWN-2", async () => {
    const supervisor = system().container("supervisor");
    const victim = (await readPool(supervisor)).agents.find((agent) => agent.state === "idle");
    const entry = processesBelow(supervisor.pid()).find((candidate) => candidate.innerPid === victim?.pid);
    if (!victim || !entry) throw new Error("no idle agent to kill");
    const killed = Date.now();
    process.kill(entry.pid, "SIGKILL");
    const limit = numberOf("RESTART_BACKOFF_MIN_MS") * JITTER + SLACK_MS;
    const back = await until(`${victim.agent_id} is back`, limit, async () => {
      const agent = (await readPool(supervisor)).agents.find(({ agent_id }) => agent_id === victim.agent_id);
      return agent && agent.pid !== victim.pid && agent.state === "idle" ? agent : undefined;
    });
    note("back after kill -9", Date.now() - killed, "ms", limit);
    expect(back.restarts).toBe(victim.restarts + 1);
    await expectRecorded(victim.agent_id);
  });

  verifies("SPAWN-3", async () => {
    const supervisor = system().container("supervisor");
    const all = processesBelow(supervisor.pid());
    expect(all.find((entry) => entry.pid === supervisor.pid())?.innerPid).toBe(1);
    const zombies = all.filter((entry) => entry.state === "Z");
    note("zombies", zombies.length);
    expect(zombies).toEqual([]);
  });

  async function expectRecorded(agentId: string): Promise<void> {
    const operator = await connectOperator(system());
    const event = await until("the exit is an event", 5000, async () => {
      const messages = await operator.all("AGENT_EVENTS", `agent.${agentId}.events`);
      return messages.find((message) => /"event":\s*"exited"/.test(message.data));
    });
    await operator.close();
    expect(event.data).toMatch(/"signal":\s*9/);
    const database = await databaseOf(system());
    const rows = await until("the restart is in Postgres", 5000, async () => {
      const found = await database.rows("select * from agent_restarts where agent_id = $1", [agentId]);
      return found.length > 0 && found;
    });
    await database.close();
    note("restarts of this agent in Postgres", rows.length);
  }
});
