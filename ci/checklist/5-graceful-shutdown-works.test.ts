/** Row 5: SIGTERM with work in flight: nothing is lost, nothing is done twice, and the end comes in time. */
import { afterAll, beforeAll, expect } from "vitest";
import { subscribeGrpc } from "./harness/clients/grpc.ts";
import { connectOperator, gatewayUrl } from "./harness/clients/index.ts";
import type { NatsClient } from "./harness/clients/nats.ts";
import { subscribeSse } from "./harness/clients/sse.ts";
import { v7 } from "./harness/clients/uuid.ts";
import { subscribeWebSocket } from "./harness/clients/websocket.ts";
import type { Container } from "./harness/container.ts";
import { ALL_SCOPES } from "./harness/keys.ts";
import { readPool } from "./harness/pool.ts";
import { EVERY_SERVICE, row, verifies } from "./harness/row.ts";
import { slowed } from "./harness/slowness.ts";
import { resultCounts, resultOf } from "./harness/tasks.ts";
import { until } from "./harness/wait.ts";

/** What the platform gives every service of the pipeline between SIGTERM and SIGKILL. */
const LIMIT_MS = slowed(10_000);
const DONE_MS = 45_000;
const OPEN_MS = 10_000;

row(5, EVERY_SERVICE, ({ system, note, restore }) => {
  let operator: NatsClient;
  beforeAll(async () => {
    operator = await connectOperator(system());
  });
  afterAll(() => operator?.close());

  /** The worker whose CLI asks for a prompt with this mark. */
  const workerOf = (mark: string): Promise<Container> =>
    until(`a worker runs ${mark}`, 20_000, () => {
      const request = system().api.requests.find(({ prompt }) => prompt.includes(mark));
      return request && system().containerAt(request.from.replace("::ffff:", ""));
    });

  const stopInTime = async (container: Container, what: string): Promise<void> => {
    const { code, durationMs } = await container.stop("TERM");
    note(what, durationMs, "ms", LIMIT_MS);
    expect(code, `exit code of ${container.name}`).toBe(0);
    expect(durationMs, `${container.name} stops in time`).toBeLessThan(LIMIT_MS);
  };

  verifies("STOP-1", async () => {
    const mark = v7();
    const task = await operator.submit({ prompt: `Short ${mark} [[slow:${slowed(1500)}]] [[say:finished]]` });
    const worker = await workerOf(mark);
    await stopInTime(worker, "worker with a short job: exit after SIGTERM");
    const result = await resultOf(operator, task, DONE_MS);
    expect(result.result).toBe("finished");
    expect(askedTimes(mark), "the job was not done twice").toBe(1);
    expect(await resultCounts(operator, task)).toEqual({ task: 1, job: 1 });
    await restore();
  });

  verifies("STOP-2", async () => {
    const mark = v7();
    const task = await operator.submit({
      prompt: `Long ${mark} [[slow:${slowed(30_000)} 1]] [[say:handed over]]`,
    });
    const worker = await workerOf(mark);
    const sent = Date.now();
    await stopInTime(worker, "worker with a long job: exit after SIGTERM");
    const result = await resultOf(operator, task, DONE_MS);
    note("long job: result after SIGTERM", Date.now() - sent, "ms");
    expect(result.outcome).toBe("succeeded");
    expect(result.result).toBe("handed over");
    expect(await resultCounts(operator, task)).toEqual({ task: 1, job: 1 });
    await restore();
  });

  verifies("STOP-3", async () => {
    const token = await system().keys.token("client-5", ALL_SCOPES);
    const base = gatewayUrl(system());
    const sse = await subscribeSse(base, token);
    const socket = await subscribeWebSocket(base, token);
    const grpc = subscribeGrpc(gatewayUrl(system(), "grpc"), token);
    // A stream is open once something came through it.
    await until("three streams are open", OPEN_MS, async () => {
      await shareDiscovery(base, token);
      return [sse, socket, grpc].every(({ events }) => events.length > 0);
    });
    await stopInTime(
      system().container("mcp-gateway"),
      "gateway with three open streams: exit after SIGTERM",
    );
    const [sseEnd, socketEnd, grpcEnd] = await Promise.all([sse.ended, socket.ended, grpc.ended]);
    note(
      "streams ended with",
      [`SSE ${sseEnd}`, `WebSocket ${socketEnd}`, `gRPC ${grpcEnd.slice(0, 60)}`].join(", "),
    );
    expect(socketEnd).toBe("1001");
    expect(sseEnd).not.toBe("");
    expect(grpcEnd).toContain("MS-GW-010");
    await restore();
  });

  verifies("STOP-4", async () => {
    const mark = v7();
    const supervisor = system().container("supervisor");
    const task = await operator.submit({
      prompt: `Across ${mark} [[slow:${slowed(12_000)} 1]] [[say:still done]]`,
    });
    await workerOf(mark);
    const busy = (await readPool(supervisor)).agents.filter((agent) => agent.state !== "idle").length;
    note("agents at work when the supervisor was stopped", busy);
    await stopInTime(supervisor, "supervisor with a task in flight: exit after SIGTERM");
    await restore();
    const result = await resultOf(operator, task, DONE_MS);
    expect(result.result).toBe("still done");
    expect(await resultCounts(operator, task)).toEqual({ task: 1, job: 1 });
  });

  async function shareDiscovery(base: string, token: string): Promise<void> {
    const answer = await fetch(`${base}/v1/discoveries`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ type: "insight", content: "the stream is open", confidence: 1 }),
    });
    expect(answer.ok).toBe(true);
  }

  function askedTimes(mark: string): number {
    return system().api.requests.filter(({ prompt }) => prompt.includes(mark)).length;
  }
});
