// Discoveries in JetStream: stored before a call returns, read again from any sequence.
import type { Caller } from "../auth.ts";
import { envelope } from "../envelope.ts";
import { GatewayError } from "../errors.ts";
import type { Metrics } from "../metrics.ts";
import type { Nats } from "../nats.ts";
import { readPage, type StoredMessage, streamState } from "../nats-streams.ts";
import { type Discovery, type DiscoveryInput, parseDiscovery } from "./event.ts";
import { type DiscoveryFilter, matches } from "./filter.ts";

/** Name of the stream in services/contracts/streams.json. */
export const STREAM = "DISCOVERIES";

/** What one read brings at most; a replay holds one page, whatever lies in the stream. */
const PAGE = { count: 64, bytes: 262_144 };
/** Reads under way at once; further ones wait. */
const MAX_READS = 16;
/** How far back a listing looks: bounds the time of one call. */
const MAX_SCANNED = 4096;

/** A part of the stream, in order. */
export interface Page {
  readonly discoveries: readonly Discovery[];
  /** Sequence up to which the stream was read; undefined at its end. */
  readonly upTo: number | undefined;
}

/** Reads and writes discoveries. */
export class DiscoveryStore {
  readonly #nats: Nats;
  readonly #metrics: Metrics;
  readonly #waiting: (() => void)[] = [];
  #reads = 0;

  constructor(nats: Nats, metrics: Metrics) {
    this.#nats = nats;
    this.#metrics = metrics;
  }

  /** Stores a discovery in the caller's name; gives its sequence. */
  async share(caller: Caller, input: DiscoveryInput): Promise<number> {
    const { type, content, confidence, tags, related_to } = input;
    const message = envelope(
      {
        agent_id: caller.subject,
        role: caller.role,
        type,
        content,
        confidence,
        task_id: caller.taskId,
        tags,
        related_to,
      },
      { source_agent: caller.subject, correlation_id: caller.taskId },
    );
    const subject = `discoveries.${caller.subject}.${type}`;
    return (await this.#nats.store(subject, message, message.message_id)).sequence;
  }

  /** The next discoveries after a sequence. */
  async page(after: number): Promise<Page> {
    const messages = await this.#limited(() => readPage(this.#nats, STREAM, after + 1, PAGE));
    return {
      discoveries: messages.flatMap((entry) => this.read(entry) ?? []),
      upTo: messages.at(-1)?.sequence,
    };
  }

  /** Reads one message; one that is not valid is counted and left out, the recorder keeps it as a dead letter. */
  read(message: StoredMessage): Discovery | undefined {
    const event = parseDiscovery(message.sequence, message.data);
    if (event === undefined) this.#metrics.invalid.inc({ stream: STREAM });
    return event;
  }

  /** Sequence of the newest message. */
  async last(): Promise<number> {
    const state = await streamState(this.#nats, STREAM);
    if (state === undefined) throw new GatewayError("MS-GW-005", `there is no stream ${STREAM}`);
    return state.last;
  }

  /** The newest matches, the newest last. Looks back over a bounded part of the stream. */
  async newest(filter: DiscoveryFilter, limit: number): Promise<Discovery[]> {
    const last = await this.last();
    const found: Discovery[] = [];
    let end = last;
    while (end > Math.max(0, last - MAX_SCANNED) && found.length < limit) {
      const begin = Math.max(0, end - PAGE.count);
      const part = await this.#between(begin, end);
      found.unshift(...part.filter((event) => matches(filter, event)));
      end = begin;
    }
    return found.slice(-limit);
  }

  /** The first matches after a sequence, in order. Looks at a bounded part of the stream. */
  async next(filter: DiscoveryFilter, after: number, limit: number): Promise<Discovery[]> {
    const found: Discovery[] = [];
    let position = after;
    while (found.length < limit && position < after + MAX_SCANNED) {
      const page = await this.page(position);
      if (page.upTo === undefined) break;
      found.push(...page.discoveries.filter((event) => matches(filter, event)));
      position = page.upTo;
    }
    return found.slice(0, limit);
  }

  /** One discovery; fails with MS-GW-015 when there is none. */
  async get(sequence: number): Promise<Discovery> {
    const [message] = await readPage(this.#nats, STREAM, sequence, { ...PAGE, count: 1 });
    const event = message?.sequence === sequence ? this.read(message) : undefined;
    if (event === undefined) throw new GatewayError("MS-GW-015", String(sequence));
    return event;
  }

  async #between(after: number, upTo: number): Promise<Discovery[]> {
    const found: Discovery[] = [];
    let position = after;
    while (position < upTo) {
      const page = await this.page(position);
      if (page.upTo === undefined) break;
      found.push(...page.discoveries.filter((event) => event.sequence <= upTo));
      position = page.upTo;
    }
    return found;
  }

  async #limited<T>(read: () => Promise<T>): Promise<T> {
    if (this.#reads >= MAX_READS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#reads += 1;
    try {
      return await read();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#reads -= 1;
      else next();
    }
  }
}
