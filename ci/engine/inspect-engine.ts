/** The container of an engine, as Docker has it. */
import { docker } from "./docker-daemon.ts";
import { stateDir } from "./state.ts";
import {
  engineContainer,
  engineContainerOf,
  fingerprintLabel,
  standInLabel,
  versionOfContainer,
} from "./versions.ts";

/** An engine's container. */
export interface EngineContainer {
  running: boolean;
  /** Of what it was made, see `fingerprintLabel`; empty for one of another's making. */
  print: string;
  /** Whether its image was built here or on another machine by this project. */
  isStandIn: boolean;
  /** Whether this state folder keeps it; a stand-in of another user or of another folder is theirs. */
  isKeptHere: boolean;
  /** Its environment, `NAME=value`. */
  env: readonly string[];
  /** Paths in the container at which something is mounted. */
  mountPoints: readonly string[];
}

/** What we read of `docker container inspect`. */
interface Inspected {
  State: { Running: boolean };
  Config: { Labels: Record<string, string> | null; Env: string[] | null };
  Mounts: { Source?: string; Destination: string }[] | null;
}

/** The container of the engine's name; undefined when there is none. */
export async function inspectEngine(name = engineContainer): Promise<EngineContainer | undefined> {
  const { exitCode, stdout } = await docker("container", "inspect", "--format", "{{json .}}", name);
  if (exitCode !== 0) return undefined;
  return readContainer(JSON.parse(stdout) as Inspected, stateDir());
}

/** Versions of the engines that this state folder keeps, running or not. */
export async function keptVersions(): Promise<string[]> {
  const args = ["ps", "--all", "--filter", `label=${fingerprintLabel}`, "--format", "{{.Names}}"];
  const names = (await docker("container", ...args)).stdout.split("\n").map(versionOfContainer);
  const kept: string[] = [];
  for (const version of names)
    if (version !== undefined && (await inspectEngine(engineContainerOf(version)))?.isKeptHere)
      kept.push(version);
  return kept;
}

/**
 * What the parts mean.
 *
 * @param state the state folder; what it mounts tells whose an engine is, and that of older versions too, which had no
 *   label for it
 */
export function readContainer({ State, Config, Mounts }: Inspected, state: string): EngineContainer {
  const labels = Config.Labels ?? {};
  return {
    running: State.Running,
    print: labels[fingerprintLabel] ?? "",
    isStandIn: labels[standInLabel] === "true",
    // Docker Desktop puts a folder of its own before the path.
    isKeptHere: (Mounts ?? []).some(({ Source = "" }) => Source.includes(`${state}/`)),
    env: Config.Env ?? [],
    mountPoints: (Mounts ?? []).map(({ Destination }) => Destination),
  };
}
