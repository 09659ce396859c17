/** What a machine has already, and what follows from it. */
import { docker, dockerAnswers } from "./docker-daemon.ts";
import { inspectEngine } from "./engine-container.ts";
import { runCommand } from "./run-command.ts";
import { progress } from "./step.ts";
import { engineImage, standInLabel, versions } from "./versions.ts";

/** Questions to the machine; each may be asked at most once, since pulling an image takes time. */
export interface Probe {
  /** Version of the dagger command on the PATH, `v1.2.3`. */
  cliVersion: () => Promise<string | undefined>;
  /** Address of an engine that the user has chosen. */
  chosenEngine: () => string | undefined;
  dockerAnswers: () => Promise<boolean>;
  /** Whose engine container of the wanted version runs. */
  runningEngine: () => Promise<"ours" | "foreign" | undefined>;
  /** Whose engine image Docker has. */
  localImage: () => Promise<"ours" | "foreign" | undefined>;
  /** Fetch the stock image; false when no registry is to be reached. */
  pullImage: () => Promise<boolean>;
}

/**
 * Where the engine comes from: `running` is there already, `stock` is Docker's affair at the first call,
 * `built` is made here.
 */
export interface Plan {
  engine: "running" | "stock" | "built";
  cli: "present" | "built";
}

/** Decide with as few questions as possible. */
export async function planFor(probe: Probe, wantedVersion: string): Promise<Plan> {
  const engine = await planEngine(probe);
  // A built engine brings the command of the same build.
  if (engine === "built") return { engine, cli: "built" };
  return { engine, cli: (await probe.cliVersion()) === wantedVersion ? "present" : "built" };
}

async function planEngine(probe: Probe): Promise<Plan["engine"]> {
  if (probe.chosenEngine() !== undefined) return "running";
  if (!(await probe.dockerAnswers())) return "built";
  const running = await probe.runningEngine();
  if (running !== undefined) return running === "ours" ? "built" : "running";
  const image = await probe.localImage();
  if (image !== undefined) return image === "ours" ? "built" : "stock";
  return (await probe.pullImage()) ? "stock" : "built";
}

/** The probe of this machine. */
export const hostProbe: Probe = {
  cliVersion: async () => {
    const { stdout } = await runCommand("dagger", ["version"]);
    return /\bv\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
  },
  chosenEngine: () => process.env._EXPERIMENTAL_DAGGER_RUNNER_HOST || undefined,
  dockerAnswers,
  runningEngine: async () => {
    const found = await inspectEngine();
    if (found === undefined || !found.running) return undefined;
    return found.isOurs ? "ours" : "foreign";
  },
  localImage: async () => {
    const format = `{{index .Config.Labels "${standInLabel}"}}`;
    const { exitCode, stdout } = await docker("image", "inspect", "--format", format, engineImage);
    if (exitCode !== 0) return undefined;
    return stdout.trim() === "true" ? "ours" : "foreign";
  },
  pullImage: async () => {
    progress("engine", `pulling ${engineImage}`);
    return (await docker("pull", "--quiet", engineImage)).exitCode === 0;
  },
};

/** The plan of this machine. */
export function planForHost(): Promise<Plan> {
  return planFor(hostProbe, versions.engine.dagger);
}
