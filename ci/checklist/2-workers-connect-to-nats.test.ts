/** Row 2: five workers share the work queue, and nothing is lost when one dies. */
import { afterAll, beforeAll, expect } from "vitest";
import { serviceOf } from "../../dagger/src/spec/service-spec.ts";
import { connectOperator, connectRole } from "./harness/clients/index.ts";
import { envelope, type NatsClient, payloadOf } from "./harness/clients/nats.ts";
import { v7 } from "./harness/clients/uuid.ts";
import type { Container } from "./harness/container.ts";
import { row, verifies } from "./harness/row.ts";
import { slowed } from "./harness/slowness.ts";
import { resultCounts, resultOf, runningWorker } from "./harness/tasks.ts";
import { urlOf } from "./harness/topology.ts";
import { until } from "./harness/wait.ts";

// Above the queue's ack wait of 30 s, after which the job of a dead worker is delivered again.
const REDELIVERY_MS = 55_000;

row(2, ["supervisor", "claude-worker"], ({ system, note, restore }) => {
  let operator: NatsClient;
  beforeAll(async () => {
    operator = await connectOperator(system());
  });
  afterAll(() => operator?.close());

  verifies("WORK-1", async () => {
    const { replicas } = serviceOf(system().specs, "claude-worker");
    const ids = await until(`${replicas} workers are present`, 10_000, async () => {
      const present = (await operator.presence("WORKERS")).map((record) => String(record.worker_id));
      return new Set(present).size >= replicas && present;
    });
    const connected = await connectedWorkers();
    note("workers in the WORKERS bucket", ids.length);
    note("workers whose address is connected to NATS", connected.length);
    expect(connected).toHaveLength(replicas);
  });

  verifies("WORK-2", async () => {
    const workers = system().containersOf("claude-worker");
    const before = system().api.requests.length;
    const ids = await Promise.all(
      workers.map((_, index) =>
        operator.submit({ prompt: `Job ${index}. [[slow:${slowed(5000)}]] [[say:answer ${index}]]` }),
      ),
    );
    const results = await Promise.all(ids.map((id) => resultOf(operator, id, 40_000)));
    expect(results.map((result) => [result.outcome, result.result])).toEqual(
      ids.map((_, index) => ["succeeded", `answer ${index}`]),
    );
    const asked = new Set(
      system()
        .api.requests.slice(before)
        .map((request) => senderOf(request.from)?.name),
    );
    note("jobs done by the real CLI", results.length);
    note("containers that called the Messages API", asked.size);
    note(
      "cost of the jobs",
      results.reduce((sum, result) => sum + (result.cost_usd ?? 0), 0),
      "USD",
    );
    expect(asked).toEqual(new Set(workers.map((worker) => worker.name)));
    for (const result of results) expect(result.cost_usd).toBeGreaterThan(0);
  });

  verifies(
    "WORK-3",
    async () => {
      const task = await operator.submit({
        prompt: `Killed once. [[slow:${slowed(20_000)} 1]] [[say:survived ${v7()}]]`,
      });
      const dead = await runningWorker(operator, task, 15_000);
      const container = await until("the CLI of the job asks", 10_000, () => askingWorker("Killed once."));
      const killedAt = Date.now();
      const { code } = await container.stop("KILL");
      note("exit code of the killed worker", code);
      const result = await resultOf(operator, task, REDELIVERY_MS);
      note("result after the kill", Date.now() - killedAt, "ms", REDELIVERY_MS);
      expect(result.outcome).toBe("succeeded");
      const second = await until("another worker asked", 1000, () =>
        askingWorker("Killed once.", container.name),
      );
      note("done instead by another container", second.name);
      expect(dead).not.toBe("");
      expect(await resultCounts(operator, task)).toEqual({ task: 1, job: 1 });
      await restore();
    },
    90_000,
  );

  verifies("WORK-4", async () => {
    const supervisor = await connectRole(system(), "supervisor");
    const marks = [v7(), v7(), v7(), v7()] as const;
    await operator.publish("tasks.queue.normal", `{"not json": ${marks[0]}`);
    await operator.publish("tasks.queue.high", envelope(marks[1], { task_id: marks[1] }));
    await supervisor.publish("work.claude", `not json ${marks[2]}`);
    await supervisor.publish("work.claude", envelope(marks[3], { job_id: marks[3], prompt: 7 }));
    const codes = await Promise.all(marks.map((mark) => deadLetterCode(mark)));
    await supervisor.close();
    note("dead letters, by code", codes.join(" "));
    for (const code of codes) expect(code).toMatch(/^MS-[A-Z]+-\d{3}$/);
    for (const container of [...system().containersOf("claude-worker"), system().container("supervisor")])
      expect(container.exit, container.name).toBeUndefined();
  });

  verifies("WORK-5", async () => {
    const worker = await connectRole(system(), "worker");
    const foreign = ["work.claude", "tasks.queue.high", "discoveries.agent-1.pattern", "system.control"];
    const refused: string[] = [];
    for (const subject of foreign)
      await worker.publish(subject, "{}").catch(() => {
        refused.push(subject);
      });
    await worker.close();
    note("foreign subjects refused to a worker", refused.length);
    expect(refused).toEqual(foreign);
  });

  async function connectedWorkers(): Promise<string[]> {
    const nats = system().container("nats");
    const response = await fetch(`${urlOf(nats.spec, nats.address, "monitor")}/connz`);
    const { connections } = (await response.json()) as { connections: { ip: string }[] };
    const workers = connections
      .map(({ ip }) => senderOf(ip))
      .filter((sender) => sender?.spec.name === "claude-worker");
    return [...new Set(workers.map((worker) => worker?.name ?? ""))];
  }

  function askingWorker(text: string, not = ""): Container | undefined {
    return system()
      .api.requests.filter((request) => request.prompt.includes(text))
      .map((request) => senderOf(request.from))
      .find((sender) => sender !== undefined && sender.name !== not);
  }

  function senderOf(from: string): Container | undefined {
    return system().containerAt(from.replace("::ffff:", ""));
  }

  function deadLetterCode(mark: string): Promise<string> {
    return until(`a dead letter for ${mark}`, 10_000, async () => {
      for (const message of await operator.all("DLQ")) {
        const letter = payloadOf(message) as { data_base64?: string; reason?: { code?: string } };
        const original = Buffer.from(letter.data_base64 ?? "", "base64").toString("utf8");
        if (original.includes(mark)) return letter.reason?.code;
      }
      return undefined;
    });
  }
});
