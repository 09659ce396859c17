// The other services as the gateway sees them: the supervisor's answers, presences, progress and results.
import type { NatsConnection } from "nats";
import { envelope } from "../../src/envelope.ts";

/** The pool that the supervisor of tests tells of. */
export const POOL = {
  size: 1,
  ready: 1,
  agents: [{ agent_id: "agent-1", role: "generalist", slot: 0, pid: 7, state: "idle", restarts: 0 }],
};

/** Answers system.control as the supervisor does; gives the traceparents that came with the requests. */
export function answerControl(admin: NatsConnection): string[] {
  const traces: string[] = [];
  admin.subscribe("system.control", {
    callback: (_, message) => {
      traces.push(message.headers?.get("traceparent") ?? "");
      message.respond(JSON.stringify(envelope({ ok: true, pool: POOL })));
    },
  });
  return traces;
}

/** Puts a worker's presence. */
export async function putWorker(admin: NatsConnection, worker_id: string): Promise<void> {
  const bucket = await admin.jetstream().views.kv("WORKERS");
  const presence = { worker_id, state: "idle", slots: 1, jobs_done: 4, cost_usd: 0.21, version: "0.1.0" };
  await bucket.put(worker_id, JSON.stringify(envelope(presence)));
}

/** Publishes what an agent or a worker reports of a task. */
export async function reportTask(
  admin: NatsConnection,
  kind: "progress" | "result",
  payload: { task_id: string } & Record<string, unknown>,
): Promise<void> {
  const message = JSON.stringify(envelope(payload, { correlation_id: payload.task_id }));
  await admin.jetstream().publish(`tasks.${payload.task_id}.${kind}`, message);
}

/** Messages that lie in a stream. */
export async function streamSize(admin: NatsConnection, stream: string): Promise<number> {
  return (await (await admin.jetstreamManager()).streams.info(stream)).state.messages;
}
