/** The day on which a run takes place, for what ends at a date. */

/** Today in UTC, YYYY-MM-DD. */
export function currentDay(): string {
  return new Date().toISOString().slice(0, "YYYY-MM-DD".length);
}
