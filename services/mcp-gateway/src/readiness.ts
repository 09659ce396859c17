// Whether the gateway can do its work: NATS connected, its streams there, the stream of discoveries being read.
import { setTimeout as delay } from "node:timers/promises";
import type { Feed } from "./discoveries/feed.ts";
import type { Metrics } from "./metrics.ts";
import type { Nats } from "./nats.ts";
import { fillOf, streamState } from "./nats-streams.ts";
import { QUEUE } from "./tasks.ts";

/** Streams that the gateway reads or writes beside the discoveries. */
const STREAMS = ["RESULTS", QUEUE, "KV_WORKERS"];
const RECHECK_MS = { missing: 250, there: 10_000 };

/** What /health/ready answers. */
export interface Health {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, string>>;
}

/** Keeps the answer at hand, so that asking for it costs nothing. */
export class Readiness {
  readonly #nats: Nats;
  readonly #feed: Feed;
  readonly #metrics: Metrics;
  #missing: readonly string[] = STREAMS;
  #draining = false;
  #wake = new AbortController();

  constructor(nats: Nats, feed: Feed, metrics: Metrics) {
    this.#nats = nats;
    this.#feed = feed;
    this.#metrics = metrics;
    nats.onChange((connected) => {
      metrics.natsConnected.set(connected ? 1 : 0);
      if (!connected) this.#missing = STREAMS;
      this.#wake.abort();
    });
  }

  /** From now on not ready, whatever NATS says. */
  drain(): void {
    this.#draining = true;
  }

  /** True while the gateway shuts down. */
  get draining(): boolean {
    return this.#draining;
  }

  /** The answer now. */
  get health(): Health {
    const missing = [...this.#missing, ...(this.#feed.reading ? [] : ["DISCOVERIES"])];
    const checks = {
      nats: this.#nats.connected ? "ok" : "not connected",
      streams: missing.length === 0 ? "ok" : `missing ${missing.join(" ")}`,
      accepting: this.#draining ? "shutting down" : "ok",
    };
    const ready = Object.values(checks).every((check) => check === "ok");
    this.#metrics.ready.set(ready ? 1 : 0);
    return { ready, checks };
  }

  /** Looks at the streams until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#nats.connected) this.#missing = await this.#look();
      const wait = this.#missing.length === 0 ? RECHECK_MS.there : RECHECK_MS.missing;
      this.#wake = new AbortController();
      const either = AbortSignal.any([signal, this.#wake.signal]);
      await delay(wait, undefined, { signal: either }).catch(() => undefined);
    }
  }

  async #look(): Promise<string[]> {
    const states = await Promise.all(
      STREAMS.map((stream) => streamState(this.#nats, stream).catch(() => undefined)),
    );
    const queue = states[STREAMS.indexOf(QUEUE)];
    if (queue !== undefined) {
      this.#metrics.queueMessages.set({ stream: QUEUE }, queue.messages);
      this.#metrics.queueFill.set({ stream: QUEUE }, fillOf(queue));
    }
    return STREAMS.filter((_, index) => states[index] === undefined);
  }
}
