/** Waits for a condition, never for a time alone. */
import { setTimeout as delay } from "node:timers/promises";
import { slowed } from "./slowness.ts";

const STEP_MS = 20;

/**
 * How many times longer than usual is waited: main.ts raises it on a machine that is busy with other things, and a slow
 * one needs more of it in any case.
 */
export const PATIENCE = slowed(1) * Math.max(1, Number(process.env.CHECKLIST_PATIENCE ?? 1));

/** How long a single request may take, ms; `usual` is for a machine that has nothing else to do. */
export function patient(usual: number): number {
  return Math.round(usual * PATIENCE);
}

/** Says that waiting any longer is of no use. */
export class NoUse extends Error {}

/**
 * Asks again until the answer is neither undefined nor false.
 *
 * @param what said in the error when the time is over
 * @param timeoutMs on a machine that has nothing else to do
 * @throws Error with the last exception of `probe`, if it threw; at once when that is NoUse
 */
export async function until<T>(
  what: string,
  timeoutMs: number,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const patientMs = patient(timeoutMs);
  const end = Date.now() + patientMs;
  let last = "";
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof NoUse) throw new Error(`${what}: ${error.message}`);
      last = `; last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() >= end) throw new Error(`${what}: not within ${patientMs} ms${last}`);
    await delay(STEP_MS);
  }
}
