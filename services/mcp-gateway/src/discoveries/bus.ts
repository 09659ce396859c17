// All subscriptions of this process: one reader of the stream serves them all.
import { type GatewayCode, GatewayError } from "../errors.ts";
import type { Metrics } from "../metrics.ts";
import type { Discovery } from "./event.ts";
import type { SubscriptionRequest } from "./filter.ts";
import type { DiscoveryStore, Page } from "./store.ts";
import { type Source, Subscription } from "./subscription.ts";

const SWEEP_MS = 1000;

/** Who subscribes. */
export interface Subscriber {
  readonly transport: string;
  /** End of the token's life, ms since 1970. */
  readonly expiresAt: number;
  /** Aborted when the client leaves. */
  readonly left: AbortSignal;
}

/** A subscription that runs. */
export interface Running {
  readonly events: AsyncGenerator<Discovery>;
  /** Aborted when it ended: whoever waits for the client to read waits no longer. */
  readonly ended: AbortSignal;
}

/** Hands each discovery to every subscription that wants it. */
export class DiscoveryBus implements Source {
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(event: Discovery) => void>();
  readonly #metrics: Metrics;
  readonly #limit: number;
  readonly #store: DiscoveryStore;
  readonly #sweeper: NodeJS.Timeout;
  #head: number | undefined;
  #closed = false;

  /** @param limit events that may wait for one subscriber */
  constructor(store: DiscoveryStore, metrics: Metrics, limit: number) {
    this.#store = store;
    this.#metrics = metrics;
    this.#limit = limit;
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Sequence of the newest event; 0 before the stream was seen. */
  get head(): number {
    return this.#head ?? 0;
  }

  page(after: number): Promise<Page> {
    return this.#store.page(after);
  }

  last(): Promise<number> {
    return this.#store.last();
  }

  /** Sets where reading begins; subscriptions of a stream that is gone end, and their clients begin anew. */
  startAt(sequence: number): void {
    if (this.#head !== undefined) this.endAll("MS-GW-005", "the stream was made anew");
    this.#head = sequence;
  }

  /** Takes the next message of the stream; undefined stands for one that is not valid. */
  publish(sequence: number, event: Discovery | undefined): void {
    this.#head = sequence;
    if (event === undefined) return;
    this.#metrics.received.inc();
    for (const subscription of this.#subscriptions) subscription.offer(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Calls the listener for every event, without a queue. */
  onEvent(listener: (event: Discovery) => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Opens a subscription that lasts until the client leaves or the server ends it.
   * @throws GatewayError MS-GW-005 before the stream was seen, MS-GW-010 when the gateway is shutting down
   */
  subscribe(request: SubscriptionRequest, subscriber: Subscriber): Running {
    if (this.#closed) throw new GatewayError("MS-GW-010", "");
    if (this.#head === undefined) throw new GatewayError("MS-GW-005", "");
    const bounds = { limit: this.#limit, expiresAt: subscriber.expiresAt };
    const subscription = new Subscription(request, this.#head, bounds);
    return { events: this.#run(subscription, subscriber), ended: subscription.ended };
  }

  /** Ends every subscription with a reason that its client sees. */
  endAll(code: GatewayCode, detail = ""): void {
    for (const subscription of this.#subscriptions) subscription.end(code, detail);
  }

  /** Ends every subscription because the gateway ends, and takes no more. */
  close(code: GatewayCode): void {
    this.#closed = true;
    clearInterval(this.#sweeper);
    this.endAll(code);
  }

  async *#run(subscription: Subscription, { transport, left }: Subscriber): AsyncGenerator<Discovery> {
    const leave = () => subscription.end();
    left.addEventListener("abort", leave, { once: true });
    // Counted here and not where the events are read: a client that does not read may never get there.
    const count = () => void (subscription.endCode === "MS-GW-009" && this.#metrics.closedSlow.inc());
    subscription.ended.addEventListener("abort", count, { once: true });
    if (left.aborted) leave();
    if (this.#closed) subscription.end("MS-GW-010");
    this.#subscriptions.add(subscription);
    this.#metrics.subscribers.inc({ transport });
    try {
      for await (const event of subscription.events(this)) {
        this.#metrics.delivered.inc({ transport });
        yield event;
      }
    } finally {
      left.removeEventListener("abort", leave);
      subscription.end();
      this.#subscriptions.delete(subscription);
      this.#metrics.subscribers.dec({ transport });
    }
  }

  #sweep(): void {
    const now = Date.now();
    for (const subscription of this.#subscriptions) subscription.sweep(now);
  }
}
