/** Follows a task through the streams. */
import type { NatsClient } from "./clients/nats.ts";
import { payloadOf } from "./clients/nats.ts";
import { until } from "./wait.ts";

/** Payload of a task's result, as far as the checklist reads it. */
export interface TaskResult {
  outcome: string;
  worker_id?: string;
  agent_id?: string;
  result?: string;
  cost_usd?: number;
  error?: { code: string; message: string };
}

/** Waits for the result of a task. */
export async function resultOf(nats: NatsClient, taskId: string, timeoutMs: number): Promise<TaskResult> {
  const message = await until(`the result of ${taskId}`, timeoutMs, () =>
    nats.last("RESULTS", `tasks.${taskId}.result`),
  );
  return payloadOf(message) as unknown as TaskResult;
}

/** Waits until a worker runs a task; gives its id. */
export async function runningWorker(nats: NatsClient, taskId: string, timeoutMs: number): Promise<string> {
  return until(`a worker runs ${taskId}`, timeoutMs, async () => {
    const payload = payloadOf(await nats.last("RESULTS", `tasks.${taskId}.progress`));
    return payload.state === "running" && String(payload.worker_id);
  });
}

/** How many results a task and its job have; both must be 1 in the end. */
export async function resultCounts(nats: NatsClient, taskId: string): Promise<{ task: number; job: number }> {
  const [task, job] = await Promise.all([
    nats.subjectCounts("RESULTS", `tasks.${taskId}.result`),
    nats.subjectCounts("RESULTS", `jobs.${taskId}-1.result`),
  ]);
  const sum = (counts: Record<string, number>) =>
    Object.values(counts).reduce((total, count) => total + count, 0);
  return { task: sum(task), job: sum(job) };
}
