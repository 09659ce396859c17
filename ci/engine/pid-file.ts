/** Processes of the host that the bootstrap starts, and ends again by the pid that it noted. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { statePath } from "./state.ts";

const POLL_MS = 50;
const END_POLLS = 400;

function pidFile(name: string): string {
  return statePath("run", `${name}.pid`);
}

/** Start time in clock ticks since boot (proc(5), field 22): with the pid it names one process for ever. */
function startTime(pid: number): string | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
}

/** Pid of the process that was started under this name, if it still runs. */
export function runningPid(name: string): number | undefined {
  if (!existsSync(pidFile(name))) return undefined;
  const noted = JSON.parse(readFileSync(pidFile(name), "utf8")) as { pid: number; startTime: string };
  return startTime(noted.pid) === noted.startTime ? noted.pid : undefined;
}

/** Starts a program that outlives this one; its output goes to a log. */
export function startProcess(name: string, program: string, args: string[]): void {
  const log = openSync(statePath("logs", `${name}.log`), "a");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.on("error", () => {});
  if (child.pid === undefined) return;
  writeFileSync(pidFile(name), JSON.stringify({ pid: child.pid, startTime: startTime(child.pid) }));
  child.unref();
}

/** Ends a process that `startProcess` started and waits until it is gone; does nothing when there is none. */
export async function endProcess(name: string): Promise<boolean> {
  const pid = runningPid(name);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    for (let poll = 0; poll < END_POLLS && runningPid(name) !== undefined; poll++) await delay(POLL_MS);
  }
  rmSync(pidFile(name), { force: true });
  return pid !== undefined;
}
