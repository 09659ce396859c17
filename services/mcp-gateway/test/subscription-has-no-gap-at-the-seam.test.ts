import fc from "fast-check";
import { expect, test } from "vitest";
import type { Discovery } from "../src/discoveries/event.ts";
import type { Page } from "../src/discoveries/store.ts";
import { type Source, Subscription } from "../src/discoveries/subscription.ts";

const everything = { agentIds: [], roles: [], types: [], minConfidence: 0, text: "" };
const bounds = { limit: 1000, expiresAt: Number.POSITIVE_INFINITY };
const event = (sequence: number): Discovery => ({
  sequence,
  timestamp: "",
  agent_id: "a",
  type: "insight",
  content: "x",
  confidence: 1,
});

/** A stream in memory whose reads take as many turns as the schedule says, while events come in between. */
class Stream implements Source {
  readonly subscriptions: Subscription[] = [];
  readonly stored: Discovery[] = [];
  readonly #turns: () => number;
  head = 0;

  constructor(turns: () => number) {
    this.#turns = turns;
  }

  /** The store may be ahead of the head: the reader is told a moment later. */
  store(): Discovery {
    const next = event(this.stored.length + 1);
    this.stored.push(next);
    return next;
  }

  publish(next: Discovery): void {
    this.head = next.sequence;
    for (const subscription of this.subscriptions) subscription.offer(next);
  }

  async page(after: number): Promise<Page> {
    for (let turn = this.#turns(); turn > 0; turn--) await Promise.resolve();
    const discoveries = this.stored.slice(after, after + 3);
    for (let turn = this.#turns(); turn > 0; turn--) await Promise.resolve();
    return { discoveries, upTo: discoveries.at(-1)?.sequence };
  }

  async last(): Promise<number> {
    return this.stored.length;
  }
}

test("whatever comes between, every event after the position is given once and in order", async () => {
  const steps = fc.array(fc.constantFrom("store", "publish", "turn"), { maxLength: 60 });
  const property = fc.asyncProperty(
    fc.nat(10),
    fc.nat(10),
    steps,
    fc.infiniteStream(fc.nat(4)),
    async (before, after, plan, turns) => {
      const stream = new Stream(() => turns.next().value as number);
      const unpublished: Discovery[] = [];
      for (let i = 0; i < before; i++) stream.publish(stream.store());
      const position = Math.min(after, before);
      const subscription = new Subscription({ filter: everything, after: position }, stream.head, bounds);
      stream.subscriptions.push(subscription);
      const seen: number[] = [];
      const reading = (async () => {
        for await (const next of subscription.events(stream)) seen.push(next.sequence);
      })();
      for (const step of plan) {
        if (step === "store") unpublished.push(stream.store());
        if (step === "publish") {
          const next = unpublished.shift();
          if (next !== undefined) stream.publish(next);
        }
        if (step === "turn") await Promise.resolve();
      }
      for (const next of unpublished) stream.publish(next);
      await new Promise((resolve) => setImmediate(resolve));
      subscription.end();
      await reading;
      expect(seen).toEqual(stream.stored.slice(position).map(({ sequence }) => sequence));
    },
  );
  await fc.assert(property, { numRuns: 300 });
});

test("the queue is bounded: one event too many ends the subscription with the sequence to resume from", async () => {
  const stream = new Stream(() => 0);
  const subscription = new Subscription({ filter: everything, after: undefined }, 0, { ...bounds, limit: 3 });
  stream.subscriptions.push(subscription);
  const events = subscription.events(stream);
  const first = events.next();
  await Promise.resolve();
  stream.publish(stream.store());
  expect((await first).value).toMatchObject({ sequence: 1 });
  for (let i = 0; i < 4; i++) stream.publish(stream.store());
  await expect(events.next()).rejects.toMatchObject({ code: "MS-GW-009", extras: { after: 1 } });
});

test("a token's end and a subscriber that stops reading end the subscription", async () => {
  const expired = new Subscription({ filter: everything, after: undefined }, 0, {
    limit: 3,
    expiresAt: 1000,
  });
  expired.sweep(999);
  expect(expired.ended.aborted).toBe(false);
  expired.sweep(1000);
  await expect(expired.events(new Stream(() => 0)).next()).rejects.toMatchObject({ code: "MS-GW-001" });

  const stream = new Stream(() => 0);
  stream.publish(stream.store());
  const stalled = new Subscription({ filter: everything, after: 0 }, 1, bounds);
  await stalled.events(stream).next();
  stalled.sweep(Date.now() + 29_000);
  expect(stalled.ended.aborted).toBe(false);
  stalled.sweep(Date.now() + 31_000);
  expect(stalled.ended.aborted).toBe(true);
});
