/** What a machine has already, and what follows from it. */
import { isAtLeast, versionIn } from "./dagger-version.ts";
import { docker, dockerAnswers } from "./docker-daemon.ts";
import { inspectEngine } from "./engine-container.ts";
import { runCommand } from "./run-command.ts";
import { progress } from "./step.ts";
import { engineContainerOf, engineImageOf, standInLabel, versions } from "./versions.ts";

/** Questions to the machine. A version is that of the engine in question, `v1.2.3`. */
export interface Probe {
  /** Version of the dagger command on the PATH. */
  commandVersion: () => Promise<string | undefined>;
  /** Address of an engine that the user has chosen. */
  chosenEngine: () => string | undefined;
  dockerAnswers: () => Promise<boolean>;
  /** Whose engine container runs. */
  runningEngine: (version: string) => Promise<"ours" | "foreign" | undefined>;
  /** Whose engine image Docker has. */
  localImage: (version: string) => Promise<"ours" | "foreign" | undefined>;
  /** Fetch the stock image; false when no registry is to be reached. */
  pullImage: (version: string) => Promise<boolean>;
}

/** Where the engine comes from, and whether there is a dagger command for it. */
export interface Plan {
  /** `running` is there already, `stock` is started by the first call, `built` is made here. */
  engine: "running" | "stock" | "built";
  /** `missing`: the PATH has none that finds this engine. */
  command: "present" | "missing";
}

/** Decide with as few questions as possible, the dear ones last. */
export async function planFor(probe: Probe, wanted: string): Promise<Plan> {
  const found = await probe.commandVersion();
  // A newer engine runs modules of older versions, so that a newer command is as good.
  const isUsable = found !== undefined && isAtLeast(found, wanted);
  const engine = await planEngine(probe, isUsable ? found : wanted);
  // A command finds the engine of its own version only.
  const suits = engine === "built" ? found === wanted : isUsable;
  return { engine, command: suits ? "present" : "missing" };
}

async function planEngine(probe: Probe, version: string): Promise<Plan["engine"]> {
  if (probe.chosenEngine() !== undefined) return "running";
  if (!(await probe.dockerAnswers())) return "built";
  const running = await probe.runningEngine(version);
  if (running !== undefined) return running === "ours" ? "built" : "running";
  const image = await probe.localImage(version);
  if (image !== undefined) return image === "ours" ? "built" : "stock";
  return (await probe.pullImage(version)) ? "stock" : "built";
}

const ANSWER_MS = 20_000;

/** The questions, put to this machine. */
const HOST: Probe = {
  commandVersion: async () =>
    versionIn((await runCommand("dagger", ["version"], { limitMs: ANSWER_MS })).stdout),
  chosenEngine: () => process.env._EXPERIMENTAL_DAGGER_RUNNER_HOST || undefined,
  dockerAnswers,
  runningEngine: async (version) => {
    const found = await inspectEngine(engineContainerOf(version));
    if (found === undefined || !found.running) return undefined;
    return found.isOurs ? "ours" : "foreign";
  },
  localImage: async (version) => {
    const format = `{{index .Config.Labels "${standInLabel}"}}`;
    const { exitCode, stdout } = await docker("image", "inspect", "--format", format, engineImageOf(version));
    if (exitCode !== 0) return undefined;
    return stdout.trim() === "true" ? "ours" : "foreign";
  },
  pullImage: async (version) => {
    progress("engine", `trying to pull ${engineImageOf(version)}`);
    return (await docker("pull", "--quiet", engineImageOf(version))).exitCode === 0;
  },
};

/** The plan of this machine. */
export function planForHost(): Promise<Plan> {
  return planFor(HOST, versions.engine.dagger);
}
