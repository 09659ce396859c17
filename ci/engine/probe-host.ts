/** The questions of the plan, put to this machine. */
import { versionIn } from "./dagger-version.ts";
import { daemonState, docker } from "./docker-daemon.ts";
import { pullEngine } from "./engine-pull.ts";
import { isDockerManagedHere, whyNoStandInHere } from "./host-kind.ts";
import { inspectEngine } from "./inspect-engine.ts";
import { type Plan, type Probe, planFor } from "./plan.ts";
import { hasProgram, runCommand } from "./run-command.ts";
import { engineContainerOf, engineImageOf, standInLabel, versions } from "./versions.ts";

const ANSWER_MS = 20_000;
/** In the order in which the dagger command looks for them. */
const OTHER_RUNTIMES = ["container", "podman", "finch", "nerdctl"];

/** Address of an engine that the user has chosen, by the variable that the dagger command reads. */
export function chosenEngine(): string | undefined {
  return process.env._EXPERIMENTAL_DAGGER_RUNNER_HOST || undefined;
}

/** The questions, put to this machine. */
export const hostProbe: Probe = {
  commandVersion: async () =>
    versionIn((await runCommand("dagger", ["version"], { limitMs: ANSWER_MS })).stdout),
  chosenEngine,
  docker: daemonState,
  otherRuntime: async () => {
    for (const program of OTHER_RUNTIMES) if (await hasProgram(program)) return program;
    return undefined;
  },
  runningEngine: async (version) => {
    const found = await inspectEngine(engineContainerOf(version));
    if (found === undefined || !found.running) return undefined;
    if (!found.isKeptHere) return "foreign";
    return found.isStandIn ? "stand-in" : "stock";
  },
  localImage: async (version) => {
    const format = `{{index .Config.Labels "${standInLabel}"}}`;
    const { exitCode, stdout } = await docker("image", "inspect", "--format", format, engineImageOf(version));
    if (exitCode !== 0) return undefined;
    return stdout.trim() === "true" ? "ours" : "foreign";
  },
  pullImage: (version) => pullEngine(version),
  whyNoStandIn: whyNoStandInHere,
  isDockerManaged: isDockerManagedHere,
};

/** The plan of this machine. */
export function planForHost(): Promise<Plan> {
  return planFor(hostProbe, versions.engine.dagger);
}
