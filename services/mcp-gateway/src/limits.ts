import { GatewayError } from "./errors.ts";

/** Buckets kept at most; the oldest goes first, which can only be generous to its owner. */
const MAX_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket per key: `perSecond` requests, with a burst of twice as many. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;
  readonly #now: () => number;

  constructor(perSecond: number, now: () => number = Date.now) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Takes one request from the key's bucket; fails with MS-GW-006 when it is empty. */
  take(key: string): void {
    const now = this.#now();
    const burst = this.#perSecond * 2;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * this.#perSecond);
    const allowed = tokens >= 1;
    // Taken out and put back, so that the map stays in order of last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now });
    if (this.#buckets.size > MAX_BUCKETS) this.#buckets.delete(this.#buckets.keys().next().value ?? key);
    if (!allowed) {
      const retryAfter = Math.max(1, Math.ceil((1 - tokens) / this.#perSecond));
      throw new GatewayError("MS-GW-006", `more than ${this.#perSecond} a second`, { retryAfter });
    }
  }
}
