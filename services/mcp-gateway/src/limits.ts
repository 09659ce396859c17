import { GatewayError } from "./errors.ts";

/** Buckets kept at most; the oldest goes first, which can only be generous to its owner. */
const MAX_BUCKETS = 10_000;

interface Bucket {
  tokens: number;
  at: number;
}

/** Tokens that may use their limit of calls to the full at the same time. */
const TOKENS_AT_ONCE = 8;

function tooMany(detail: string): GatewayError {
  return new GatewayError("MS-GW-006", detail, { retryAfter: 1 });
}

/** Calls of one key at the same time, from the token's check until the answer is read. */
export class CallLimit {
  readonly #open = new Map<string, number>();
  #all = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Counts a call until the function returned is called; fails with MS-GW-006 when there are too many. */
  enter(key: string): () => void {
    const open = this.#open.get(key) ?? 0;
    const total = this.#limit * TOKENS_AT_ONCE;
    if (open >= this.#limit) throw tooMany(`more than ${this.#limit} at once`);
    if (this.#all >= total) throw tooMany(`more than ${total} of all tokens at once`);
    this.#open.set(key, open + 1);
    this.#all += 1;
    return () => {
      this.#all -= 1;
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left > 0) this.#open.set(key, left);
      else this.#open.delete(key);
    };
  }
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
