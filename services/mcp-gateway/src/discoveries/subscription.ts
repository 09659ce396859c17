// One subscriber: what is stored first, then what comes, each event once and in order, in bounded memory.
import { type GatewayCode, GatewayError } from "../errors.ts";
import type { Discovery } from "./event.ts";
import { type DiscoveryFilter, matches, type SubscriptionRequest } from "./filter.ts";
import type { Page } from "./store.ts";

/** A subscriber that takes nothing for this long is closed, even when little waits for it. */
const STALL_MS = 30_000;

/** Where a subscription reads from. */
export interface Source {
  /** Sequence of the newest event that was published to subscribers. */
  readonly head: number;
  page(after: number): Promise<Page>;
  last(): Promise<number>;
}

/** What bounds a subscription. */
export interface Bounds {
  /** Events that may wait. */
  readonly limit: number;
  /** Time at which the subscriber's right to read ends, ms since 1970. */
  readonly expiresAt: number;
}

/**
 * Invariant: every event up to `position` was given or left out by the filter, none after it.
 *
 * A subscription is behind (it reads pages, at the pace of its subscriber) or live (events are offered to its
 * queue). It turns live in the same tick in which it sees that its position is the head, so nothing falls between.
 */
export class Subscription {
  readonly #filter: DiscoveryFilter;
  readonly #bounds: Bounds;
  readonly #queue: Discovery[] = [];
  readonly #ended = new AbortController();
  #position: number;
  #live = false;
  #reason: { code: GatewayCode; detail: string } | undefined;
  #wake: (() => void) | undefined;
  /** Since when the subscriber has an event that it did not take the next one after. */
  #givenAt: number | undefined;

  constructor(request: SubscriptionRequest, head: number, bounds: Bounds) {
    this.#filter = request.filter;
    this.#position = request.after ?? head;
    this.#bounds = bounds;
  }

  /** Sequence to resume from. */
  get position(): number {
    return this.#position;
  }

  /** Aborted when the server or the client ended it: whoever waits for the client to read waits no longer. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Code with which the server ended it. */
  get endCode(): GatewayCode | undefined {
    return this.#reason?.code;
  }

  /** Takes an event that was just stored. */
  offer(event: Discovery): void {
    if (
      !this.#live ||
      this.ended.aborted ||
      event.sequence <= (this.#queue.at(-1)?.sequence ?? this.#position)
    ) {
      return;
    }
    if (!matches(this.#filter, event)) {
      if (this.#queue.length === 0) this.#position = event.sequence;
      return;
    }
    if (this.#queue.length >= this.#bounds.limit) {
      this.end("MS-GW-009", `${this.#queue.length} events wait`);
      return;
    }
    this.#queue.push(event);
    this.#wake?.();
  }

  /** Ends it with a reason for the client; without one the client itself has left. */
  end(code?: GatewayCode, detail = ""): void {
    if (this.ended.aborted) return;
    this.#reason = code && { code, detail };
    this.#queue.length = 0;
    this.#ended.abort();
    this.#wake?.();
  }

  /** Ends it when its time is over or its subscriber stopped reading. */
  sweep(now: number): void {
    if (now >= this.#bounds.expiresAt) this.end("MS-GW-001", "the token has expired");
    else if (this.#givenAt !== undefined && now - this.#givenAt > STALL_MS) {
      this.end("MS-GW-009", `nothing was read for ${STALL_MS / 1000} s`);
    }
  }

  /**
   * Gives events until the end.
   * @throws GatewayError with the sequence to resume from, when the server ended it
   */
  async *events(source: Source): AsyncGenerator<Discovery> {
    try {
      if (this.#position > source.head) await this.#checkPosition(source);
      while (!this.ended.aborted && !this.#turnLive(source)) {
        const head = source.head;
        const page = await source.page(this.#position);
        for (const event of page.discoveries) {
          if (this.ended.aborted) break;
          if (matches(this.#filter, event)) yield* this.#give(event);
        }
        // Messages may have been removed: at the stream's end nothing up to the head is left to read.
        if (!this.ended.aborted) this.#position = Math.max(this.#position, page.upTo ?? head);
      }
      while (!this.ended.aborted) {
        const event = this.#queue.shift();
        if (event === undefined) await this.#something();
        else yield* this.#give(event);
      }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      throw new GatewayError(error.code, error.detail, { ...error.extras, after: this.#position }, error);
    }
    if (this.#reason !== undefined) {
      const { code, detail } = this.#reason;
      const resume = `resume after ${this.#position}`;
      throw new GatewayError(code, detail ? `${detail}, ${resume}` : resume, { after: this.#position });
    }
  }

  *#give(event: Discovery): Generator<Discovery> {
    this.#givenAt = Date.now();
    this.#position = event.sequence;
    yield event;
    this.#givenAt = undefined;
  }

  /** Looks at the head and turns live without an await between, so that no event falls between. */
  #turnLive(source: Source): boolean {
    this.#live = this.#position >= source.head;
    return this.#live;
  }

  /** A position beyond the stream's end belongs to a stream that is gone: the subscription begins at the end. */
  async #checkPosition(source: Source): Promise<void> {
    const last = await source.last();
    if (this.#position > last) this.#position = last;
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
