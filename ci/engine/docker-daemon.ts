/** A Docker daemon: the host's own where one answers, else Debian's, started by us. */
import { rmSync } from "node:fs";
import { classifyDaemon, type DaemonState } from "./docker-words.ts";
import { EngineError } from "./engine-error.ts";
import { noteNetwork } from "./host-network.ts";
import { endProcess, startProcess } from "./pid-file.ts";
import { runCommand } from "./run-command.ts";
import { withoutSecrets } from "./secrets.ts";
import { statePath } from "./state.ts";
import { becomesTrue } from "./wait.ts";

const NAME = "dockerd";
const START_MS = 30_000;
/** A daemon that hangs, or a host that swallows what is sent to it, gives no answer at all. */
const ANSWER_MS = 30_000;

/** Runs a docker command; any exit code is an answer. */
export function docker(...args: string[]): ReturnType<typeof runCommand> {
  return runCommand("docker", args);
}

/**
 * Runs a docker command that must succeed.
 *
 * @param env values of variables that the arguments only name: other users of the machine can read arguments
 * @throws MS-ENGINE-006 with Docker's words
 */
export async function expectDocker(
  args: string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { exitCode, stderr } = await runCommand("docker", args, { env });
  if (exitCode === 0) return;
  throw new EngineError("MS-ENGINE-006", `docker ${args[0]} failed: ${withoutSecrets(stderr.trim())}`);
}

/** Whether there is a daemon, and what Docker says where there is none or it keeps silent for so many milliseconds. */
export async function daemonState(limitMs = ANSWER_MS): Promise<DaemonState> {
  const args = ["version", "--format", "{{.Server.Version}}"];
  return classifyDaemon(await runCommand("docker", args, { limitMs }));
}

/** Whether a daemon answers. */
export async function dockerAnswers(): Promise<boolean> {
  return (await daemonState()).kind === "answers";
}

/**
 * Starts a daemon unless one answers.
 *
 * @throws MS-ENGINE-004 with the log's place when it does not come up
 */
export async function startDocker(): Promise<void> {
  if (await dockerAnswers()) return;
  await endProcess(NAME);
  await noteNetwork();
  const pidFile = statePath("run", "dockerd.own.pid");
  // Of a daemon that was killed; its number may name another process by now.
  rmSync(pidFile, { force: true });
  startProcess(NAME, "dockerd", ["--pidfile", pidFile, "--data-root", statePath("docker")]);
  if (await becomesTrue(dockerAnswers, START_MS)) return;
  throw new EngineError("MS-ENGINE-004", `dockerd does not answer; log: ${statePath("logs", `${NAME}.log`)}`);
}

/** Ends the daemon if we started it. */
export function stopDocker(): Promise<boolean> {
  return endProcess(NAME);
}

/** One address range of a Docker network, as `docker network inspect` shows it. */
export interface AddressRange {
  Subnet: string;
  /** Absent on a network that was made in this run of the daemon. */
  Gateway?: string;
}

/** The host's address on Docker's default bridge: what a container reaches the host by. */
export async function bridgeAddress(): Promise<string> {
  const { stdout } = await docker("network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}");
  const [range] = JSON.parse(stdout || "[]") as AddressRange[];
  if (range === undefined) throw new EngineError("MS-ENGINE-004", "Docker has no default bridge network");
  return gatewayOf(range);
}

/** The gateway of a range; without one Docker takes the first address. */
export function gatewayOf({ Subnet, Gateway }: AddressRange): string {
  if (Gateway !== undefined) return Gateway;
  const [address = ""] = Subnet.split("/");
  const bytes = address.split(".").map(Number);
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + 1].join(".");
}
