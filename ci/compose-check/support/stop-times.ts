/** How long containers took to stop, from what the engine noted. */
import type { EngineEvent } from "../../checklist/harness/compose/docker-api.ts";

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
