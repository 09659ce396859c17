/** Processes of a container, seen from outside. */
import { readdirSync, readFileSync } from "node:fs";

/** One process. */
export interface ProcessEntry {
  /** As the harness sees it. */
  pid: number;
  /** As it sees itself. */
  innerPid: number;
  parent: number;
  /** State letter of /proc: R, S, D, Z ... */
  state: string;
  command: string;
}

/** PID 1 of a container and everything in its pid namespace that is not gone. */
export function processesBelow(root: number): ProcessEntry[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readEntry(Number(name)))
    .filter((entry) => entry !== undefined);
  const wanted = new Set([root]);
  for (let grown = true; grown; ) {
    const before = wanted.size;
    for (const entry of all) if (wanted.has(entry.parent)) wanted.add(entry.pid);
    grown = wanted.size > before;
  }
  return all.filter((entry) => wanted.has(entry.pid));
}

function readEntry(pid: number): ProcessEntry | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, "m").exec(status)?.[1] ?? "";
    return {
      pid,
      innerPid: Number(field("NSpid").split(/\s+/).at(-1)),
      parent: Number(field("PPid")),
      state: field("State").charAt(0),
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
    };
  } catch {
    // It ended in between.
    return undefined;
  }
}
