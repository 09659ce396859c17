/** Runs the programs that the harness needs, and keeps what they said when one fails. */
import { spawn, spawnSync } from "node:child_process";
import { patient } from "./wait.ts";

/** How a program ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

const QUICK_MS = patient(20_000);
const KEPT_OUTPUT = 1_000_000;

/** Runs a short program to its end. */
export function tryRun(program: string, args: readonly string[]): CommandResult {
  const result = spawnSync(program, args, { encoding: "utf8", timeout: QUICK_MS });
  const stderr = result.error ? `${result.stderr ?? ""}${result.error.message}` : result.stderr;
  return { code: result.status ?? 255, stdout: result.stdout ?? "", stderr };
}

/** Runs a short program that must succeed. */
export function run(program: string, ...args: string[]): string {
  const result = tryRun(program, args);
  if (result.code !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with ${result.code}: ${result.stderr.trim()}`);
  return result.stdout;
}

/** Runs a program without blocking the harness; the time limit ends it with SIGKILL. */
export function runAsync(
  program: string,
  args: readonly string[],
  timeoutMs = QUICK_MS,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    const result = { code: 255, stdout: "", stderr: "" };
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    for (const name of ["stdout", "stderr"] as const)
      child[name].on("data", (piece: Buffer) => {
        if (result[name].length < KEPT_OUTPUT) result[name] += piece.toString("utf8");
      });
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ ...result, code: code ?? 255 });
    });
  });
}
