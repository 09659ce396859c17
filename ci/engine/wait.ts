/** Waiting for something outside that tells no one when it is ready. */
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

/** Asks until the answer is yes; false when that takes longer than `limitMs`. */
export async function becomesTrue(ask: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(POLL_MS)) if (await ask()) return true;
  return false;
}
