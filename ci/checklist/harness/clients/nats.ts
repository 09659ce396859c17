/** The operator's connection to NATS: hands in tasks, reads results, streams, presence and dead letters. */
import {
  connect,
  headers,
  type JetStreamManager,
  type NatsConnection,
  nkeyAuthenticator,
  StringCodec,
} from "nats";
import { patient } from "../wait.ts";
import { v7 as uuidV7 } from "./uuid.ts";

const text = StringCodec();

/** A message as it lies in a stream. */
export interface StoredMessage {
  subject: string;
  sequence: number;
  headers: Record<string, string>;
  data: string;
}

/** What a task may ask for. */
export interface TaskOptions {
  prompt: string;
  role?: string;
  priority?: "high" | "normal" | "low";
  budget_usd?: number;
  timeout_ms?: number;
  traceparent?: string;
}

/** A connection under one role. */
export class NatsClient {
  readonly connection: NatsConnection;
  readonly #manager: JetStreamManager;

  private constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.connection = connection;
    this.#manager = manager;
  }

  /** Connects with the role's nkey. */
  static async connect(url: string, role: string, seed: string): Promise<NatsClient> {
    const connection = await connect({
      servers: url,
      inboxPrefix: `_INBOX_${role}`,
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
      timeout: patient(5000),
    });
    return new NatsClient(connection, await connection.jetstreamManager({ checkAPI: false }));
  }

  /** Hands in a task as the gateway does; gives its id. */
  async submit(options: TaskOptions): Promise<string> {
    const { traceparent, priority = "normal", ...rest } = options;
    const taskId = uuidV7();
    const task = { task_id: taskId, submitted_by: "checklist", priority, ...rest };
    const progress = { task_id: taskId, state: "queued", task };
    await this.publish(`tasks.${taskId}.progress`, envelope(taskId, progress), undefined, traceparent);
    await this.publish(`tasks.queue.${priority}`, envelope(taskId, task), taskId, traceparent);
    return taskId;
  }

  /** Publishes into a stream; the answer proves that it is stored. */
  async publish(subject: string, data: unknown, messageId?: string, traceparent?: string): Promise<void> {
    const head = headers();
    if (messageId) head.set("Nats-Msg-Id", messageId);
    if (traceparent) head.set("traceparent", traceparent);
    const body = typeof data === "string" ? data : JSON.stringify(data);
    await this.connection.jetstream().publish(subject, text.encode(body), { headers: head });
  }

  /** Asks on a subject, for example a control command. */
  async request(subject: string, data: unknown, timeoutMs = patient(5000)): Promise<unknown> {
    const reply = await this.connection.request(subject, text.encode(JSON.stringify(data)), {
      timeout: timeoutMs,
    });
    return JSON.parse(text.decode(reply.data));
  }

  /** Number of messages on each subject that matches. */
  async subjectCounts(stream: string, filter: string): Promise<Record<string, number>> {
    const info = await this.#manager.streams.info(stream, { subjects_filter: filter });
    return info.state.subjects ?? {};
  }

  /** The last message on a subject, or undefined. */
  async last(stream: string, subject: string): Promise<StoredMessage | undefined> {
    try {
      const message = await this.#manager.streams.getMessage(stream, { last_by_subj: subject });
      return {
        subject: message.subject,
        sequence: message.seq,
        headers: headersOf(message.header),
        data: text.decode(message.data),
      };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Every message of a stream, optionally on one subject. */
  async all(stream: string, filter = ">"): Promise<StoredMessage[]> {
    const info = await this.#manager.streams.info(stream);
    const messages: StoredMessage[] = [];
    for (let sequence = info.state.first_seq; sequence <= info.state.last_seq; ) {
      const next = await this.#next(stream, sequence, filter);
      if (!next) break;
      messages.push(next);
      sequence = next.sequence + 1;
    }
    return messages;
  }

  /** Names of all streams, those behind buckets and object stores too. */
  async streams(): Promise<string[]> {
    const names: string[] = [];
    for await (const info of this.#manager.streams.list()) names.push(info.config.name);
    return names;
  }

  /** Payloads of the worker's presence records that are there now. */
  async presence(bucket: "WORKERS" | "AGENTS"): Promise<Record<string, unknown>[]> {
    const subjects = Object.keys(await this.subjectCounts(`KV_${bucket}`, ">"));
    const records = await Promise.all(subjects.map((subject) => this.last(`KV_${bucket}`, subject)));
    return records.filter((record) => record && record.data !== "").map((record) => payloadOf(record));
  }

  async close(): Promise<void> {
    await this.connection.close();
  }

  async #next(stream: string, sequence: number, filter: string): Promise<StoredMessage | undefined> {
    try {
      const query = { seq: sequence, next_by_subj: filter } as unknown as { seq: number };
      const message = await this.#manager.streams.getMessage(stream, query);
      return {
        subject: message.subject,
        sequence: message.seq,
        headers: headersOf(message.header),
        data: text.decode(message.data),
      };
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

/** Puts a payload into the contract's envelope. */
export function envelope(correlationId: string, payload: unknown): object {
  return {
    message_id: uuidV7(),
    timestamp: new Date().toISOString(),
    correlation_id: correlationId,
    payload,
  };
}

/** Payload of a stored message. */
export function payloadOf(message: StoredMessage | undefined): Record<string, unknown> {
  const read: unknown = JSON.parse(message?.data ?? "{}");
  const payload = typeof read === "object" && read !== null && "payload" in read ? read.payload : read;
  return payload as Record<string, unknown>;
}

function headersOf(head: { keys(): string[]; get(key: string): string }): Record<string, string> {
  return Object.fromEntries(head.keys().map((key) => [key, head.get(key)]));
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && /no message found|not found/i.test(error.message);
}
