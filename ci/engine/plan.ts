/** What a machine has already, and what follows from it. */
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

/** Where the engine and the dagger command come from. */
export interface Plan {
  /** `running` is there already, `stock` is started by the first call, `built` is made here. */
  engine: "running" | "stock" | "built";
  command: "present" | "built";
}

/** Decide with as few questions as possible, the dear ones last. */
export async function planFor(probe: Probe, wanted: string): Promise<Plan> {
  const found = await probe.commandVersion();
  // A newer engine runs modules of older versions, so that a newer command is as good.
  const isUsable = found !== undefined && isAtLeast(found, wanted);
  const engine = await planEngine(probe, isUsable ? found : wanted);
  // A command finds the engine of its own version only.
  const suits = engine === "built" ? found === wanted : isUsable;
  return { engine, command: suits ? "present" : "built" };
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

/** Whether version `a` is `b` or a later one. */
export function isAtLeast(a: string, b: string): boolean {
  const parts = (version: string) => version.replace(/^v/, "").split(/[.-]/).slice(0, 3).map(Number);
  const [left, right] = [parts(a), parts(b)];
  const index = left.findIndex((part, at) => part !== right[at]);
  return index < 0 || (left[index] ?? 0) > (right[index] ?? 0);
}

/** The version in what `dagger version` prints. */
export function versionIn(output: string): string | undefined {
  return /\bv\d+\.\d+\.\d+\S*/.exec(output)?.[0];
}

/** The questions, put to this machine. */
const HOST: Probe = {
  commandVersion: async () => versionIn((await runCommand("dagger", ["version"])).stdout),
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
