/** Processes of the host that the bootstrap starts, and ends again by the pid that it noted. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { statePath } from "./state.ts";
import { becomesTrue } from "./wait.ts";

const END_MS = 20_000;

function pidFile(name: string): string {
  return statePath("run", `${name}.pid`);
}

/** Start time in clock ticks since boot (proc(5), field 22): with the pid it names one process for ever. */
function startTime(pid: number): string | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ");
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

/** Pid of the process that was started under this name, if it still runs. */
export function runningPid(name: string): number | undefined {
  if (!existsSync(pidFile(name))) return undefined;
  const noted = JSON.parse(readFileSync(pidFile(name), "utf8")) as { pid: number; startTime?: string };
  return noted.startTime !== undefined && startTime(noted.pid) === noted.startTime ? noted.pid : undefined;
}

/** Starts a program that outlives this one; its output goes to a log. */
export function startProcess(name: string, program: string, args: string[]): void {
  const log = openSync(statePath("logs", `${name}.log`), "a");
  const child = spawn(program, args, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.on("error", () => {}); // The caller sees that it does not answer, and names the log.
  if (child.pid === undefined) return;
  writeFileSync(pidFile(name), JSON.stringify({ pid: child.pid, startTime: startTime(child.pid) }));
  child.unref();
}

/** Ends a process that `startProcess` started and waits until it is gone; false when there was none. */
export async function endProcess(name: string): Promise<boolean> {
  const pid = runningPid(name);
  if (pid !== undefined) {
    process.kill(pid, "SIGTERM");
    await becomesTrue(() => runningPid(name) === undefined, END_MS);
  }
  rmSync(pidFile(name), { force: true });
  return pid !== undefined;
}
