/**
 * A few programs of the harness's machine with the libraries they need, mounted read-only at /probe, because
 * an image from scratch has nothing that could break a limit.
 */
import { copyFileSync, mkdirSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { run } from "./command.ts";

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

function librariesOf(program: string): string[] {
  return [...run("ldd", program).matchAll(/(\/\S+)(?= \()/g)].map((match) => match[1] ?? "");
}
