/** What follows from what a machine has already. Pure but for the questions, which probe-host.ts puts. */
import { isAtLeast } from "./dagger-version.ts";
import type { DaemonState, PullState } from "./docker-words.ts";
import { EngineError, type EngineErrorCode } from "./engine-error.ts";

/** Questions to the machine. A version is that of the engine in question, `v1.2.3`. */
export interface Probe {
  /** Version of the dagger command on the PATH. */
  commandVersion: () => Promise<string | undefined>;
  /** Address of an engine that the user has chosen. */
  chosenEngine: () => string | undefined;
  docker: () => Promise<DaemonState>;
  /** Another program that the dagger command starts an engine with where there is no docker command. */
  otherRuntime: () => Promise<string | undefined>;
  /** The engine that runs: a stand-in or a stock one that this state folder keeps, or anyone else's. */
  runningEngine: (version: string) => Promise<"stand-in" | "stock" | "foreign" | undefined>;
  /** Whose engine image Docker has. */
  localImage: (version: string) => Promise<"ours" | "foreign" | undefined>;
  /** Fetch the stock image. */
  pullImage: (version: string) => Promise<PullState>;
  /** Why no stand-in can be built here; undefined when it can. */
  whyNoStandIn: () => string | undefined;
  /** Whether a stopped daemon is the init system's to start. */
  isDockerManaged: () => boolean;
}

/** Where the engine comes from, and whether there is a dagger command for it. */
export interface Plan {
  /** `running` is there already, `stock` is started by the first call, `built` is made here. */
  engine: "running" | "stock" | "built";
  /** Version of that engine. */
  version: string;
  /** `missing`: the PATH has none that finds this engine. */
  command: "present" | "missing";
  /** What a person should know of why it is so. */
  reason?: string;
}

type EnginePlan = Omit<Plan, "command">;

/**
 * Decide with as few questions as possible, the dear ones last.
 *
 * @throws MS-ENGINE-002 and 012 to 018 with Docker's own words when there is no way to an engine
 */
export async function planFor(probe: Probe, wanted: string): Promise<Plan> {
  const found = await probe.commandVersion();
  // A newer engine runs modules of older versions, so that a newer command is as good.
  const usable = found !== undefined && isAtLeast(found, wanted) ? found : undefined;
  if (probe.chosenEngine() !== undefined) {
    const command = usable === undefined ? "missing" : "present";
    return { engine: "running", version: usable ?? wanted, command };
  }
  const plan = await planEngine(probe, usable ?? wanted, wanted);
  // A command finds the engine of its own version only.
  return { ...plan, command: found === plan.version ? "present" : "missing" };
}

async function planEngine(probe: Probe, preferred: string, wanted: string): Promise<EnginePlan> {
  const daemon = await probe.docker();
  if (daemon.kind !== "answers") return await planWithoutDaemon(probe, daemon, preferred, wanted);
  const candidates = preferred === wanted ? [wanted] : [preferred, wanted];
  for (const version of candidates) {
    const running = await probe.runningEngine(version);
    // The stand-in is brought up to date, but only to the version of this checkout.
    if (running === "stand-in" && version === wanted) return { engine: "built", version };
    if (running !== undefined) return { engine: running === "stock" ? "stock" : "running", version };
  }
  for (const version of candidates) {
    const image = await probe.localImage(version);
    if (image === "foreign") return { engine: "stock", version };
    const canBuild = version === wanted && probe.whyNoStandIn() === undefined;
    if (image === "ours" && canBuild) return { engine: "built", version };
  }
  const pull = await probe.pullImage(preferred);
  if (pull.kind === "pulled") return { engine: "stock", version: preferred };
  const reason = `Docker cannot pull the engine's image: "${pull.words}"`;
  // A stand-in takes even more room.
  if (pull.kind === "full") throw new EngineError(CODES.full, reason);
  return builtOr(probe, wanted, reason, CODES[pull.kind]);
}

async function planWithoutDaemon(
  probe: Probe,
  { kind, words, isDefaultSocket }: DaemonState,
  preferred: string,
  wanted: string,
): Promise<EnginePlan> {
  if (kind === "denied") throw new EngineError("MS-ENGINE-012", `Docker refuses this user: "${words}"`);
  if (kind === "unreachable") throw new EngineError("MS-ENGINE-014", `no Docker daemon answers: "${words}"`);
  if (kind === "stopped") {
    const reason = `Docker's daemon does not run: "${words}"`;
    if (!isDefaultSocket || probe.isDockerManaged()) throw new EngineError("MS-ENGINE-013", reason);
    return builtOr(probe, wanted, reason, "MS-ENGINE-013");
  }
  const runtime = await probe.otherRuntime();
  if (runtime === undefined) return builtOr(probe, wanted, "there is no docker command", "MS-ENGINE-002");
  const reason = `there is no docker command; the dagger command starts the engine with ${runtime}`;
  return { engine: "stock", version: preferred, reason };
}

/** A pull that failed, where no stand-in can be built. */
const CODES: Readonly<Record<Exclude<PullState["kind"], "pulled">, EngineErrorCode>> = {
  limited: "MS-ENGINE-015",
  untrusted: "MS-ENGINE-016",
  unreachable: "MS-ENGINE-017",
  full: "MS-ENGINE-018",
  refused: "MS-ENGINE-018",
};

/** The stand-in where it can be built, else the error. */
function builtOr(probe: Probe, version: string, reason: string, code: EngineErrorCode): EnginePlan {
  const whyNot = probe.whyNoStandIn();
  if (whyNot === undefined) return { engine: "built", version, reason };
  throw new EngineError(code, `${reason}; ${whyNot}`);
}
