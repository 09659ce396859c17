/** Waits for a condition, never for a time alone. */
import { setTimeout as delay } from "node:timers/promises";

const STEP_MS = 20;

/**
 * Asks again until the answer is neither undefined nor false.
 *
 * @param what said in the error when the time is over
 * @throws Error with the last exception of `probe`, if it threw
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last = "";
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      last = `; last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= end) throw new Error(`${what}: not within ${timeoutMs} ms${last}`);
    await delay(STEP_MS);
  }
}
