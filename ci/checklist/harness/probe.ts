/**
 * A few programs of the harness's machine with the libraries they need, mounted read-only at /probe, because
 * an image from scratch has nothing that could break a limit.
 */
import { copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "./command.ts";
import { allProcesses } from "./processes.ts";

const PROGRAMS = {
  head: "/usr/bin/head",
  tail: "/usr/bin/tail",
  sleep: "/usr/bin/sleep",
  id: "/usr/bin/id",
  touch: "/usr/bin/touch",
  xargs: "/usr/bin/xargs",
  sh: "/bin/sh",
} as const;

/** Name of a program that is there. */
export type ProbeProgram = keyof typeof PROGRAMS;

/** Where the probe is inside. */
export const PROBE_PATH = "/probe";

const LOADER = `${PROBE_PATH}/loader`;
const SLEEPER = `${LOADER} --library-path ${PROBE_PATH} ${PROBE_PATH}/sleep`;
const KILL_STEP_MS = 50;

/** Fills the directory that is mounted. */
export function createProbe(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [name, path] of Object.entries(PROGRAMS)) {
    copyFileSync(realpathSync(path), `${directory}/${name}`);
    for (const library of librariesOf(path)) {
      const target = library.includes("ld-linux") ? "loader" : basename(library);
      copyFileSync(realpathSync(library), `${directory}/${target}`);
    }
  }
  run("chmod", "-R", "a+rX,a+x", directory);
}

/** Command line of a program of the probe. */
export function probeCommand(program: ProbeProgram, ...args: string[]): string[] {
  return [LOADER, "--library-path", PROBE_PATH, `${PROBE_PATH}/${program}`, ...args];
}

/** Command line that takes so much memory and then ends: tail keeps a line until it is complete. */
export function hogCommand(mebibytes: number): string[] {
  const call = (program: ProbeProgram) => probeCommand(program).join(" ");
  return probeCommand("sh", "-c", `${call("head")} -c ${mebibytes}M /dev/zero | ${call("tail")} > /dev/null`);
}

/**
 * Command line that starts so many processes at once, each sleeping for `seconds`. xargs waits for one that ends
 * when it is refused another, so it leaves no orphan to a PID 1 that does not expect children.
 */
export function forkCommand(processes: number, seconds: number): string[] {
  const lines = `i=0; while [ $i -lt ${processes} ]; do echo ${seconds}; i=$((i+1)); done`;
  const xargs = `${probeCommand("xargs").join(" ")} -n 1 -P ${processes} ${probeCommand("sleep").join(" ")}`;
  return probeCommand("sh", "-c", `${lines} | ${xargs}`);
}

/**
 * Ends the processes of a forkCommand and waits for it. Only the sleepers are killed: who started them then
 * collects them, and no zombie is left to PID 1.
 */
export async function endSleepers(forking: Promise<unknown>): Promise<void> {
  let running = true;
  const end = forking.finally(() => {
    running = false;
  });
  while (running) {
    for (const { command, pid } of allProcesses()) if (command.startsWith(SLEEPER)) killIfThere(pid);
    await Promise.race([end, delay(KILL_STEP_MS)]);
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function librariesOf(program: string): string[] {
  return [...run("ldd", program).matchAll(/(\/\S+)(?= \()/g)].map((match) => match[1] ?? "");
}
