/** A Docker daemon: the host's own where one answers, else Debian's, started by us. */
import { setTimeout as delay } from "node:timers/promises";
import { command, tryCommand } from "./command.ts";
import { CodedError } from "./errors.ts";
import { endProcess, startProcess } from "./pid-file.ts";
import { statePath } from "./state.ts";

const NAME = "dockerd";
const POLL_MS = 100;
const START_POLLS = 300;

/** Whether a daemon answers. */
export async function dockerAnswers(): Promise<boolean> {
  return (await tryCommand("docker", ["version", "--format", "{{.Server.Version}}"])).code === 0;
}

/**
 * Starts a daemon unless one answers.
 *
 * @throws MS-ENGINE-003 with the log's place when it does not come up
 */
export async function startDocker(): Promise<void> {
  if (await dockerAnswers()) return;
  startProcess(NAME, "dockerd", ["--pidfile", statePath("run", "dockerd.own.pid")]);
  for (let poll = 0; poll < START_POLLS; poll++) {
    if (await dockerAnswers()) return;
    await delay(POLL_MS);
  }
  throw new CodedError(
    "MS-ENGINE-003",
    `dockerd did not answer within ${(START_POLLS * POLL_MS) / 1000} s`,
    `read ${statePath("logs", `${NAME}.log`)}`,
  );
}

/** Ends the daemon if we started it. */
export function stopDocker(): Promise<boolean> {
  return endProcess(NAME);
}

/** The host's address on Docker's default bridge: what a container reaches the host by. */
export async function bridgeAddress(): Promise<string> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  return (await command("docker", ["network", "inspect", "bridge", "--format", format])).trim();
}
