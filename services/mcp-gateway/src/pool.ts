// The pool of agents, asked of the supervisor, and the workers, read from their presence.
import { z } from "zod";
import { envelope, JOB_ID } from "./envelope.ts";
import { GatewayError } from "./errors.ts";
import { readMessage } from "./input.ts";
import type { ReportInvalid } from "./invalid.ts";
import type { Nats } from "./nats.ts";
import { readNewest, type StoredMessage } from "./nats-streams.ts";

/** Stream behind the bucket of worker presences. */
export const WORKERS_STREAM = "KV_WORKERS";
/** Workers shown at most. */
const MAX_WORKERS = 1000;

const agent = z.object({
  agent_id: z.string(),
  role: z.string(),
  slot: z.int(),
  pid: z.int().optional(),
  state: z.string().describe("starting, idle, working, paused, draining, stopped, backoff or quarantined"),
  restarts: z.int(),
  task_id: z.string().optional().describe("Task in hand"),
  since: z.string().optional(),
});

/** The pool as tools and transports show it. */
export const poolStatus = z.object({
  size: z.int().describe("Agents that there should be"),
  ready: z.int().describe("Agents that are idle or working"),
  agents: z.array(agent),
});

/** The pool. */
export type PoolStatus = z.infer<typeof poolStatus>;

const reply = z.object({
  payload: z.object({
    ok: z.boolean(),
    pool: poolStatus.optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
  }),
});

const presence = z.object({
  timestamp: z.string(),
  payload: z.object({
    worker_id: z.string(),
    state: z.string(),
    slots: z.int(),
    job_ids: z.array(z.string().regex(JOB_ID)).optional(),
    jobs_done: z.int(),
    cost_usd: z.number(),
    version: z.string().optional(),
  }),
});

/** A worker that is alive, and when it last said so. */
export type WorkerPresence = z.infer<typeof presence>["payload"] & { seen_at: string };

/** Asks about agents and workers. */
export class Pool {
  readonly #nats: Nats;
  readonly #reportInvalid: ReportInvalid;

  constructor(nats: Nats, reportInvalid: ReportInvalid) {
    this.#nats = nats;
    this.#reportInvalid = reportInvalid;
  }

  /** The pool's state; fails with MS-GW-013 when the supervisor does not answer. */
  async status(): Promise<PoolStatus> {
    const answer = reply.safeParse(
      await this.#nats.ask("system.control", envelope({ command: "PoolStatus" })),
    );
    if (answer.data?.payload.pool !== undefined) return answer.data.payload.pool;
    const error = answer.data?.payload.error;
    throw new GatewayError("MS-GW-013", error ? `${error.code} ${error.message}` : "its answer is not valid");
  }

  /** Every worker whose presence has not expired, sorted by name. */
  async workers(): Promise<WorkerPresence[]> {
    const messages = await readNewest(this.#nats, WORKERS_STREAM, "$KV.WORKERS.>", MAX_WORKERS);
    const workers = messages
      .filter((message) => !message.removed)
      .flatMap((message) => this.#read(message) ?? []);
    return workers.sort((a, b) => a.worker_id.localeCompare(b.worker_id, "en"));
  }

  #read(message: StoredMessage): WorkerPresence | undefined {
    const worker = parsePresence(message.data);
    if (worker === undefined) this.#reportInvalid(WORKERS_STREAM, message.subject);
    return worker;
  }
}

/** Reads a presence; undefined when it is not valid. */
export function parsePresence(data: Uint8Array): WorkerPresence | undefined {
  try {
    const { timestamp, payload } = presence.parse(readMessage(data));
    return { ...payload, seen_at: timestamp };
  } catch {
    return undefined;
  }
}
