/** A Docker daemon: the host's own where one answers, else Debian's, started by us. */
import { rmSync } from "node:fs";
import { EngineError } from "./engine-error.ts";
import { noteNetwork } from "./host-network.ts";
import { endProcess, startProcess } from "./pid-file.ts";
import { runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";
import { becomesTrue } from "./wait.ts";

const NAME = "dockerd";
const START_MS = 30_000;

/** Runs a docker command; any exit code is an answer. */
export function docker(...args: string[]): ReturnType<typeof runCommand> {
  return runCommand("docker", args);
}

/** Whether a daemon answers. */
export async function dockerAnswers(): Promise<boolean> {
  return (await docker("version", "--format", "{{.Server.Version}}")).exitCode === 0;
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

/** The host's address on Docker's default bridge: what a container reaches the host by. */
export async function bridgeAddress(): Promise<string> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  return (await docker("network", "inspect", "bridge", "--format", format)).stdout.trim();
}
