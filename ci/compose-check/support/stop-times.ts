/** How long containers took to stop, from what the engine noted. */
import { z } from "zod";

/** One line of `docker events`. */
export const engineEvent = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.object({ name: z.string() }) }),
});

/** An event, as far as it is used here. */
export type EngineEvent = z.infer<typeof engineEvent>;

const NANOSECONDS_PER_MS = 1e6;

/** Time between the first signal and the end of each container, ms, by its name. */
export function stopTimes(events: readonly EngineEvent[]): Record<string, number> {
  const signalled = new Map<string, number>();
  const took: Record<string, number> = {};
  for (const { Action, timeNano, Actor } of events) {
    const { name } = Actor.Attributes;
    if (Action === "kill" && !signalled.has(name)) signalled.set(name, timeNano);
    const first = signalled.get(name);
    if (Action === "die" && first !== undefined) took[name] = (timeNano - first) / NANOSECONDS_PER_MS;
  }
  return took;
}
