// The one reader of the stream in this process; begins where the stream ends now and goes on after every break.
import { setTimeout as delay } from "node:timers/promises";
import { describe } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Nats } from "../nats.ts";
import { follow, type StoredMessage, streamState } from "../nats-streams.ts";
import type { DiscoveryBus } from "./bus.ts";
import { type DiscoveryStore, STREAM } from "./store.ts";

const RETRY_MS = 250;

/** The parts that a feed works with. */
export interface FeedParts {
  readonly nats: Nats;
  readonly store: DiscoveryStore;
  readonly bus: DiscoveryBus;
  readonly logger: Logger;
}

/** Reads the stream into the bus for as long as the gateway lives. */
export class Feed {
  readonly #parts: FeedParts;
  #created: string | undefined;
  #reading = false;
  #reported = false;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** True while the stream is being read. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Reads until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#read(signal);
      } catch (error) {
        this.#report(error);
      }
      this.#reading = false;
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { nats, bus } = this.#parts;
    const state = await streamState(nats, STREAM);
    if (state === undefined) throw new Error(`there is no stream ${STREAM}`);
    if (state.created !== this.#created || state.last < bus.head) bus.startAt(state.last);
    this.#created = state.created;
    const broken = new AbortController();
    const stop = nats.onChange(() => broken.abort());
    const handle = {
      started: () => this.#started(),
      message: (message: StoredMessage) => this.#take(message),
    };
    try {
      await follow(nats, STREAM, bus.head, handle, AbortSignal.any([signal, broken.signal]));
    } finally {
      stop();
    }
  }

  #started(): void {
    this.#reading = true;
    this.#reported = false;
    this.#parts.logger.info({ stream: STREAM, after: this.#parts.bus.head }, "reading discoveries");
  }

  #take(message: StoredMessage): void {
    const event = this.#parts.store.read(message);
    if (event === undefined) {
      const place = `${STREAM} ${message.sequence}`;
      this.#parts.logger.warn({ code: "MS-NATS-002" }, describe("MS-NATS-002", place));
    }
    this.#parts.bus.publish(message.sequence, event);
  }

  /** One line per outage, not one per attempt. */
  #report(error: unknown): void {
    if (this.#reported) return;
    this.#reported = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.logger.warn({ code: "MS-NATS-001" }, `reading discoveries waits: ${reason}`);
  }
}
