import { type ChildProcess, spawn } from "node:child_process";

export interface CommandOptions {
  cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  /** Written to the program's standard input. */
  input?: string;
  /** Gets both streams as they come. */
  onOutput?: (chunk: string) => void;
  /** Milliseconds after which the program is killed; without it, it may run for ever. */
  limitMs?: number;
}

/** Exit code of a program that was killed for its silence, as of timeout(1). */
export const TIMED_OUT = 124;

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Programs of ours that still run: a signal to us must reach them too. */
const running = new Set<ChildProcess>();
let isStopping = false;

/** Run a program to its end. Exit code 127 when it cannot be started; never throws for a bad exit. */
export function runCommand(
  cmd: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  if (isStopping) return Promise.resolve({ exitCode: 143, stdout: "", stderr: "the bootstrap was stopped" });
  return new Promise((resolve) => {
    const child = spawn(cmd, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: "pipe",
    });
    running.add(child);
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        texts[name] += chunk;
        options.onOutput?.(chunk);
      });
    }
    const end = (exitCode: number, problem = "") => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ exitCode, stdout: texts.stdout, stderr: texts.stderr + problem });
    };
    const limit = setLimit(options.limitMs, (seconds) => {
      child.kill("SIGKILL");
      // What it started itself may hold the streams open for longer.
      for (const name of ["stdout", "stderr"] as const) child[name].destroy();
      end(TIMED_OUT, `no end within ${seconds} s`);
    });
    child.on("error", (error) => end(127, error.message));
    child.on("close", (code, signal) => end(code ?? 128 + (signal === "SIGTERM" ? 15 : 9)));
    // A program may end without reading its input; that is its own affair.
    child.stdin.on("error", () => {}).end(options.input ?? "");
  });
}

function setLimit(ms: number | undefined, stop: (seconds: number) => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(() => stop(ms / 1000), ms);
}

/** A program that was started elsewhere and must end with us. */
export function endWithUs(child: ChildProcess): void {
  running.add(child);
  child.once("close", () => running.delete(child));
}

/** From now on SIGINT and SIGTERM go to every program that still runs, and no other is started. */
export function stopOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => signalRunning(signal));
}

/** Pass a signal to every program that still runs, and start no other. */
export function signalRunning(signal: NodeJS.Signals): void {
  isStopping = true;
  for (const child of running) child.kill(signal);
}

/** Whether a signal has stopped us. */
export function isStopped(): boolean {
  return isStopping;
}

/** Whether a program is on the PATH. */
export async function hasProgram(program: string): Promise<boolean> {
  return (await runCommand("sh", ["-c", `command -v ${program}`])).exitCode === 0;
}
