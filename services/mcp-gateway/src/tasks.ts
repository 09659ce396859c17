// Tasks: handed in to the queue, and read back from what agents and workers report.
import { z } from "zod";
import { defined, envelope, JOB_ID, NAME, uuidV7 } from "./envelope.ts";
import { GatewayError } from "./errors.ts";
import { parseInput, readMessage } from "./input.ts";
import type { ReportInvalid } from "./invalid.ts";
import { type Nats, queueFull } from "./nats.ts";
import { readLast, readPage, type StoredMessage, streamState } from "./nats-streams.ts";
import { currentContext } from "./trace.ts";

/** Name of the stream in services/contracts/streams.json. */
const STREAM = "RESULTS";
/** Stream of tasks that wait for an agent. */
export const QUEUE = "TASKS";
/** What a stream keeps beside a message's data: subject, headers, its own record. */
const STORED_BESIDE_BYTES = 512;
/** Part of the stream that the list of recent tasks is made from. */
const RECENT = { count: 500, bytes: 1_048_576 };

/** What a caller hands in. */
export const taskInput = z.object({
  prompt: z.string().min(1).max(262_144).describe("What is to be done, with all that an agent needs to know"),
  role: z
    .string()
    .regex(NAME)
    .optional()
    .describe("Role that the agent takes on, for example reviewer; without it any agent as it is"),
  priority: z.enum(["high", "normal", "low"]).default("normal").describe("Queue that the task waits in"),
  budget_usd: z.number().positive().optional().describe("Money that the task may cost, USD"),
  timeout_ms: z.int().min(1000).optional().describe("Time that the task may run, ms"),
  session_id: z.guid().optional().describe("Session of an earlier task to go on with"),
});

/** What a caller hands in. */
export type TaskInput = z.infer<typeof taskInput>;

const shared = { task_id: z.string(), agent_id: z.string().optional(), worker_id: z.string().optional() };

/** Where a task is. */
export const taskState = z.object({
  ...shared,
  state: z
    .string()
    .describe(
      "queued, assigned, running or retrying; at the end succeeded, failed, refused, timed_out, over_budget, over_output or killed",
    ),
  done: z.boolean().describe("True when the state is final"),
  updated_at: z.string().describe("Time of the last change, RFC 3339"),
  attempt: z.int().optional(),
  result: z.string().optional().describe("Answer, when the task succeeded"),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  cost_usd: z.number().optional(),
  duration_ms: z.int().optional(),
  turns: z.int().optional(),
  session_id: z.string().optional().describe("Session that a later task can go on with"),
});

/** Where a task is. */
export type TaskState = z.infer<typeof taskState>;

// A job's id is not shown, but a message that has one outside the contract is not to be believed.
const job = { job_id: z.string().regex(JOB_ID).optional() };

const progress = z.object({
  timestamp: z.string(),
  payload: z.object({ ...shared, ...job, state: z.string(), attempt: z.int().optional() }),
});

const outcome = z.object({
  timestamp: z.string(),
  payload: z.object({
    ...job,
    ...taskState.omit({ state: true, done: true, updated_at: true, attempt: true }).shape,
    outcome: z.string(),
  }),
});

/** Hands in and reads tasks. */
export class TaskStore {
  readonly #nats: Nats;
  readonly #reportInvalid: ReportInvalid;

  constructor(nats: Nats, reportInvalid: ReportInvalid) {
    this.#nats = nats;
    this.#reportInvalid = reportInvalid;
  }

  /**
   * Stores a task; gives its id once it is in the queue.
   * @throws GatewayError MS-GW-023 when the queue has no room; then nothing of the task is left
   */
  async submit(input: TaskInput, submittedBy: string): Promise<string> {
    const taskId = uuidV7();
    const context = currentContext();
    if (context !== undefined) context.task_id = taskId;
    const task = defined({ task_id: taskId, ...input, submitted_by: submittedBy });
    const about = { correlation_id: taskId };
    const subject = `tasks.queue.${input.priority}`;
    const message = envelope(task, about);
    await this.#checkRoom(subject, message);
    // The progress first: what is in the queue can then always be asked for.
    const queued = envelope({ task_id: taskId, state: "queued", task }, about);
    await this.#nats.store(`tasks.${taskId}.progress`, queued, queued.message_id);
    await this.#nats.store(subject, message, taskId);
    return taskId;
  }

  /** Looks before the progress is stored, which would show a task as queued that the queue then refuses. */
  async #checkRoom(subject: string, message: object): Promise<void> {
    const state = await streamState(this.#nats, QUEUE);
    if (state === undefined || !state.refuses) return;
    const { messages, bytes, maxMessages = Infinity, maxBytes = Infinity } = state;
    const size = Buffer.byteLength(JSON.stringify(message)) + STORED_BESIDE_BYTES;
    if (messages + 1 > maxMessages || bytes + size > maxBytes) throw queueFull(subject);
  }

  /**
   * Reads where a task is.
   * @throws GatewayError MS-GW-003 when the id is no UUID, MS-GW-004 when there is no such task
   */
  async get(taskId: string): Promise<TaskState> {
    const id = parseInput(z.guid(), taskId).toLowerCase();
    const [ended, latest] = await Promise.all([
      readLast(this.#nats, STREAM, `tasks.${id}.result`),
      readLast(this.#nats, STREAM, `tasks.${id}.progress`),
    ]);
    const state = (ended && this.#read(ended)) ?? (latest && this.#read(latest));
    if (state === undefined) throw new GatewayError("MS-GW-004", id);
    return state;
  }

  /** The tasks of the newest part of the stream, the one that changed last first. */
  async recent(): Promise<TaskState[]> {
    const state = await streamState(this.#nats, STREAM);
    const messages = await readPage(this.#nats, STREAM, (state?.last ?? 0) - RECENT.count + 1, RECENT);
    const tasks = new Map<string, TaskState>();
    for (const message of messages) {
      const task = message.subject.startsWith("tasks.") ? this.#read(message) : undefined;
      if (task === undefined || tasks.get(task.task_id)?.done) continue;
      tasks.delete(task.task_id);
      tasks.set(task.task_id, task);
    }
    return [...tasks.values()].reverse();
  }

  #read(message: StoredMessage): TaskState | undefined {
    const state = parseTaskMessage(message.subject, message.data);
    if (state === undefined) this.#reportInvalid(STREAM, message.subject);
    return state;
  }
}

/** Reads a progress or a result; undefined when it is not valid. */
export function parseTaskMessage(subject: string, data: Uint8Array): TaskState | undefined {
  try {
    const value: unknown = readMessage(data);
    if (subject.endsWith(".result")) {
      const { timestamp, payload } = outcome.parse(value);
      const { outcome: state, job_id: _, ...rest } = payload;
      return { ...rest, state, done: true, updated_at: timestamp };
    }
    const { timestamp, payload } = progress.parse(value);
    const { job_id: _, ...rest } = payload;
    return { ...rest, done: false, updated_at: timestamp };
  } catch {
    return undefined;
  }
}
