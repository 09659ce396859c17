// An answer to a listing: bounded in number and in bytes, and it says where to go on. Pure.
import { z } from "zod";
import { type Discovery, discovery, discoveryJson } from "./event.ts";

/** Discoveries of one answer, bytes of JSON; one that is larger comes alone. */
export const ANSWER_BYTES = 262_144;

/** What a listing answers with, on every transport. */
export const listing = z.object({
  discoveries: z.array(discovery),
  next_after: z.int().describe("Sequence to give as `after` to read on"),
  complete: z
    .boolean()
    .describe("False when more may match than this answer holds: with `after`, read on from next_after"),
});

/** What a listing answers with. */
export interface Listing {
  readonly discoveries: Discovery[];
  readonly next_after: number;
  readonly complete: boolean;
}

/** Bytes of a discovery as JSON. */
export function sizeOf(event: Discovery): number {
  return Buffer.byteLength(discoveryJson(event));
}

/** Collects an answer until it is full. */
export class Answer {
  readonly #limit: number;
  readonly #events: Discovery[] = [];
  #bytes = 0;

  /** @param limit discoveries at most */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a discovery; false when the answer is full without it. */
  add(event: Discovery): boolean {
    const size = sizeOf(event);
    const fits = this.#events.length === 0 || this.#bytes + size <= ANSWER_BYTES;
    if (this.#events.length >= this.#limit || !fits) return false;
    this.#events.push(event);
    this.#bytes += size;
    return true;
  }

  /** The answer, of discoveries that were added in order. */
  next(next_after: number, complete: boolean): Listing {
    return { discoveries: this.#events, next_after, complete };
  }

  /** The answer, of discoveries that were added from the newest back. */
  newest(last: number, complete: boolean): Listing {
    return { discoveries: this.#events.reverse(), next_after: last, complete };
  }
}
