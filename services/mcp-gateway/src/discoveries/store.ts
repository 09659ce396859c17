// Discoveries in JetStream: stored before a call returns, read again from any sequence.
import type { Caller } from "../auth.ts";
import { envelope } from "../envelope.ts";
import { GatewayError } from "../errors.ts";
import type { Metrics } from "../metrics.ts";
import type { Nats } from "../nats.ts";
import { readPage, type StoredMessage, streamState } from "../nats-streams.ts";
import { type Discovery, type DiscoveryInput, parseDiscovery } from "./event.ts";
import { type DiscoveryFilter, matches } from "./filter.ts";
import { ANSWER_BYTES, Answer, type Listing, sizeOf } from "./listing.ts";

/** Name of the stream in services/contracts/streams.json. */
export const STREAM = "DISCOVERIES";

/** What one read brings at most; a replay holds one page, whatever lies in the stream. */
const PAGE = { count: 64, bytes: 262_144 };
/** Reads under way at once; further ones wait. */
const MAX_READS = 16;
/** Pages that a listing looks at: bounds the time of one call, also with a filter that nothing passes. */
const MAX_PAGES = 64;
/** Messages that a look back begins with; it reads more at once where they are small. */
const FIRST_WINDOW = 8;

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
  async newest(filter: DiscoveryFilter, limit: number): Promise<Listing> {
    const last = await this.last();
    const answer = new Answer(limit);
    let end = last;
    let window = FIRST_WINDOW;
    for (let read = 0; end > 0 && read < MAX_PAGES; read++) {
      const begin = Math.max(0, end - window);
      const part = await this.#between(begin, end);
      for (const event of part.filter((entry) => matches(filter, entry)).reverse()) {
        if (!answer.add(event)) return answer.newest(last, false);
      }
      // Large discoveries are read a few at a time: no call holds many times what it answers.
      const heavy = part.reduce((sum, event) => sum + sizeOf(event), 0) > ANSWER_BYTES / 2;
      window = heavy ? Math.max(1, window / 2) : Math.min(PAGE.count, window * 2);
      end = begin;
    }
    return answer.newest(last, end === 0);
  }

  /** The first matches after a sequence, in order. Looks at a bounded part of the stream. */
  async next(filter: DiscoveryFilter, after: number, limit: number): Promise<Listing> {
    const answer = new Answer(limit);
    let position = after;
    for (let read = 0; read < MAX_PAGES; read++) {
      const page = await this.page(position);
      if (page.upTo === undefined) return answer.next(position, true);
      for (const event of page.discoveries.filter((entry) => matches(filter, entry))) {
        if (!answer.add(event)) return answer.next(event.sequence - 1, false);
      }
      position = page.upTo;
    }
    return answer.next(position, false);
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
