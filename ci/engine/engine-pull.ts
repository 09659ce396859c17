/** Fetching the stock engine's image. */
import { setTimeout as delay } from "node:timers/promises";
import { docker } from "./docker-daemon.ts";
import { classifyPull, type PullState } from "./docker-words.ts";
import { progress } from "./step.ts";
import { engineImageOf } from "./versions.ts";

/** Pauses before the pull is tried again, in milliseconds: a limit or a bad line often passes that fast. */
const PAUSES = [2_000, 8_000];

/** Pull the engine's image of a version, again where that may help. */
export async function pullEngine(version: string, pauses: readonly number[] = PAUSES): Promise<PullState> {
  const image = engineImageOf(version);
  progress("engine", `trying to pull ${image}`);
  let state = classifyPull(await docker("pull", "--quiet", image));
  for (const pause of pauses) {
    if (!state.mayPass) break;
    progress("engine", `${state.words}; trying again in ${pause / 1000} s`);
    await delay(pause);
    state = classifyPull(await docker("pull", "--quiet", image));
  }
  return state;
}
