// Reads streams: in pages, by subject, and as they grow. Pages use direct gets, which leave nothing behind on the server.
import {
  AckPolicy,
  ConsumerEvents,
  type ConsumerMessages,
  createInbox,
  DeliverPolicy,
  type JsMsg,
  type Msg,
  type NatsConnection,
  nanos,
} from "nats";
import { uuidV7 } from "./envelope.ts";
import { GatewayError } from "./errors.ts";
import { INBOX_PREFIX, type Nats } from "./nats.ts";

/** Messages that wait in this process at most; NATS sends no more than asked for. */
const FOLLOW_WINDOW = 200;
/** A consumer whose process died is gone after this time. */
const FOLLOW_INACTIVE_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const STATE_MS = 2_000;

/** A message as it lies in a stream. */
export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly timestamp: Date;
  readonly data: Uint8Array;
  /** Mark of a key that was removed from a bucket. */
  readonly removed: boolean;
}

/** How a stream begins and ends. */
export interface StreamState {
  /** Time of the stream's creation: another one means another stream of the same name. */
  readonly created: string;
  readonly first: number;
  readonly last: number;
  readonly messages: number;
  readonly bytes: number;
  /** Limits of the stream; undefined where there is none. */
  readonly maxMessages: number | undefined;
  readonly maxBytes: number | undefined;
  /** True when a message that does not fit is refused, false when it pushes out the oldest. */
  readonly refuses: boolean;
}

/** How full a stream is, from 0 to 1, by the limit that is nearer; 0 without limits. */
export function fillOf(state: StreamState): number {
  const { messages, bytes, maxMessages, maxBytes } = state;
  return Math.max(maxMessages ? messages / maxMessages : 0, maxBytes ? bytes / maxBytes : 0);
}

type BatchRequest =
  | { seq: number; batch: number; max_bytes: number }
  | { multi_last: readonly string[]; batch: number };

/** State of the stream; undefined when there is none. */
export async function streamState(nats: Nats, stream: string): Promise<StreamState | undefined> {
  // Short, because an answer that got lost with its connection is only noticed by the time it takes.
  const info = await nats.api(`$JS.API.STREAM.INFO.${stream}`, "", Math.min(STATE_MS, nats.requestTimeoutMs));
  const state = info.state as
    | { first_seq: number; last_seq: number; messages: number; bytes: number }
    | undefined;
  if (state === undefined) return undefined;
  const config = info.config as { max_msgs?: number; max_bytes?: number; discard?: string } | undefined;
  const limit = (value = -1) => (value > 0 ? value : undefined);
  return {
    created: String(info.created),
    first: state.first_seq,
    last: state.last_seq,
    messages: state.messages,
    bytes: state.bytes,
    maxMessages: limit(config?.max_msgs),
    maxBytes: limit(config?.max_bytes),
    refuses: config?.discard === "new",
  };
}

/** Messages from `sequence` on, in order, until one of the limits is reached; empty at the end. */
export function readPage(
  nats: Nats,
  stream: string,
  sequence: number,
  limits: { count: number; bytes: number },
): Promise<StoredMessage[]> {
  return directBatch(nats, stream, {
    seq: Math.max(1, sequence),
    batch: limits.count,
    max_bytes: limits.bytes,
  });
}

/** The newest message of every subject that matches. */
export function readNewest(
  nats: Nats,
  stream: string,
  subject: string,
  count: number,
): Promise<StoredMessage[]> {
  return directBatch(nats, stream, { multi_last: [subject], batch: count });
}

/** The newest message of one subject; undefined when there is none. */
export async function readLast(
  nats: Nats,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  const client = await nats.client();
  try {
    const options = { timeout: nats.requestTimeoutMs };
    const reply = await client.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, "", options);
    if (reply.headers?.code !== 404) return fromDirect(reply);
  } catch (error) {
    throw nats.failure(error, subject);
  }
  // A replica that lags behind answers direct gets too; only the leader knows that there is no such message.
  return readLastOfLeader(nats, stream, subject);
}

/**
 * Hands over every message after `after` in order, without a gap, until the signal ends it or the flow breaks.
 * The caller begins again from the last message it saw.
 */
export async function follow(
  nats: Nats,
  stream: string,
  after: number,
  handle: { started: () => void; message: (message: StoredMessage) => void },
  signal: AbortSignal,
): Promise<void> {
  const client = await nats.client();
  const name = `gateway-${uuidV7()}`;
  const manager = await client.jetstreamManager({ checkAPI: false, timeout: nats.requestTimeoutMs });
  await manager.consumers.add(stream, {
    name,
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(FOLLOW_INACTIVE_MS),
  });
  const consumer = await client.jetstream({ timeout: nats.requestTimeoutMs }).consumers.get(stream, name);
  const messages = await consumer.consume({
    max_messages: FOLLOW_WINDOW,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop, { once: true });
  void stopWhenBroken(messages);
  try {
    handle.started();
    await handOver(messages, handle.message);
  } finally {
    signal.removeEventListener("abort", stop);
    messages.stop();
    manager.consumers.delete(stream, name).catch(() => undefined);
  }
}

async function handOver(messages: ConsumerMessages, handle: (message: StoredMessage) => void): Promise<void> {
  let expected = 1;
  for await (const message of messages) {
    if (message.info.deliverySequence !== expected) return;
    expected += 1;
    handle(fromConsumer(message));
  }
}

async function stopWhenBroken(messages: ConsumerMessages): Promise<void> {
  const broken = new Set<string>([ConsumerEvents.HeartbeatsMissed, ConsumerEvents.ConsumerDeleted]);
  for await (const status of await messages.status()) {
    if (broken.has(status.type)) messages.stop();
  }
}

async function directBatch(nats: Nats, stream: string, request: BatchRequest): Promise<StoredMessage[]> {
  const client = await nats.client();
  const subject = `$JS.API.DIRECT.GET.${stream}`;
  const inbox = createInbox(INBOX_PREFIX);
  const subscription = client.subscribe(inbox, { timeout: nats.requestTimeoutMs });
  try {
    client.publish(subject, JSON.stringify(request), { reply: inbox });
    const found: StoredMessage[] = [];
    for await (const message of subscription) {
      const code = message.headers?.code ?? 0;
      if (code === 404 || code === 204) break;
      if (code !== 0) throw new GatewayError("MS-GW-005", `${subject} answers ${code}`);
      found.push(fromDirect(message));
    }
    return found;
  } catch (error) {
    throw nats.failure(error, subject);
  } finally {
    unsubscribe(client, subscription);
  }
}

function unsubscribe(client: NatsConnection, subscription: { unsubscribe(): void }): void {
  if (!client.isClosed()) subscription.unsubscribe();
}

async function readLastOfLeader(
  nats: Nats,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  const request = JSON.stringify({ last_by_subj: subject });
  const { message } = await nats.api(`$JS.API.STREAM.MSG.GET.${stream}`, request);
  if (message === undefined) return undefined;
  const { seq, time, data } = message as { seq: number; time: string; data?: string };
  const bytes = Buffer.from(data ?? "", "base64");
  return { subject, sequence: seq, timestamp: new Date(time), data: bytes, removed: false };
}

function fromDirect(message: Msg): StoredMessage {
  const header = (name: string) => message.headers?.get(name) ?? "";
  return {
    subject: header("Nats-Subject"),
    sequence: Number(header("Nats-Sequence")),
    timestamp: new Date(header("Nats-Time-Stamp")),
    data: message.data,
    removed: header("KV-Operation") !== "",
  };
}

function fromConsumer(message: JsMsg): StoredMessage {
  return {
    subject: message.subject,
    sequence: message.seq,
    timestamp: new Date(Math.floor(message.info.timestampNanos / 1e6)),
    data: message.data,
    removed: false,
  };
}
