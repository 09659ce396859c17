/** How much slower a machine is than those that the limits of time are meant for. */

/** Says so; set by who knows it: a virtual machine without the processor's help is some ten times slower. */
export const SLOWNESS_VARIABLE = "CHECKLIST_SLOWNESS";
/** With more, the services' own settings would leave the range that they accept. */
export const MOST_SLOWNESS = 20;

/** Reads it: 1 is a machine as usual; undefined for what is no number of the range, which main.ts refuses. */
export function readSlowness(text = process.env[SLOWNESS_VARIABLE] || "1"): number | undefined {
  const slowness = Number(text);
  return slowness >= 1 && slowness <= MOST_SLOWNESS ? slowness : undefined;
}

/**
 * A time on this machine: all of them get longer by one factor, so that what was to come first still does. Memory, counts
 * and exit codes are the same everywhere.
 *
 * @param time on a machine as usual, in any unit
 */
export function slowed(time: number): number {
  return time * (readSlowness() ?? 1);
}
