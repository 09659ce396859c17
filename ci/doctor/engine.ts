/** The engine and the dagger command: what `make setup` would do, without doing it. */
import { classifyPull } from "../engine/docker-words.ts";
import { ENGINE_ERRORS, EngineError } from "../engine/engine-error.ts";
import { type Plan, type Probe, planFor } from "../engine/plan.ts";
import { runCommand } from "../engine/run-command.ts";
import { engineImageOf } from "../engine/versions.ts";
import { within } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** A registry that has not answered by then is none. */
const REGISTRY_MS = 20_000;
const PLAN_MS = 60_000;

/** What came of the plan. */
export type EngineFacts = Plan | EngineError | "silence";

const WORDS: Readonly<Record<Plan["engine"], string>> = {
  running: "one runs, and is used",
  stock: "the stock one, which the first call starts",
  built: "built here from packages",
};

/**
 * Makes the plan with a probe that fetches nothing.
 *
 * @param probe the machine's
 * @param wanted version of the engine
 */
export async function engineFacts(probe: Probe, wanted: string, limitMs = PLAN_MS): Promise<EngineFacts> {
  try {
    const plan = planFor({ ...probe, pullImage: looksAtRegistry }, wanted);
    return (await within(plan, limitMs)) ?? "silence";
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
}

/** Asks the registry about the image instead of pulling it. */
async function looksAtRegistry(version: string): ReturnType<Probe["pullImage"]> {
  const args = ["manifest", "inspect", engineImageOf(version)];
  return classifyPull(await runCommand("docker", args, { limitMs: REGISTRY_MS }));
}

/** What is said of it. */
export function engineFindings(facts: EngineFacts, wanted: string): Finding[] {
  if (facts === "silence")
    return [
      {
        subject: "engine",
        found: "Docker answered at first and then kept silent",
        next: "restart Docker, then run `make doctor` again",
      },
    ];
  if (facts instanceof EngineError)
    return [
      {
        subject: "engine",
        found: facts.message.replace(/\. Next: .*$/s, ""),
        next: ENGINE_ERRORS[facts.code],
      },
    ];
  const why = facts.reason === undefined ? {} : { follows: facts.reason };
  const command =
    facts.command === "present"
      ? { found: "on the PATH, of a version that fits" }
      : { found: `none that fits ${wanted}`, follows: "`make setup` fetches it, or builds it with Go" };
  return [
    { subject: "engine", found: `${facts.version}: ${WORDS[facts.engine]}`, ...why },
    { subject: "dagger", ...command },
  ];
}
