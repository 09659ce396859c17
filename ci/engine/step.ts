import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "./engine-error.ts";
import { fingerprint } from "./fingerprint.ts";
import { withLock } from "./lock.ts";
import { runCommand } from "./run-command.ts";
import { stateDir, statePath } from "./state.ts";

const KEPT_LINES = 15;

/** What the body of a step works with. */
export interface StepContext {
  /** Folder of the state, see `stateDir`. */
  state: string;
  /** Add a line to the step's log. */
  log: (line: string) => void;
  /** Run a program, log its output, return its stdout; throws StepError with its last lines on a bad exit. */
  run: (
    cmd: string,
    args: string[],
    opts?: { cwd?: string; env?: Record<string, string | undefined>; input?: string },
  ) => Promise<string>;
}

/** A step failed: the last lines of the program that failed, then code, log file and next step. */
export class StepError extends EngineError {
  constructor(name: string, cause: string, logFile: string, lastLines = "") {
    super("MS-ENGINE-001", `step ${name}: ${cause}; log: ${logFile}`);
    this.name = "StepError";
    if (lastLines !== "") this.message = `${lastLines}\n${this.message}`;
  }
}

/**
 * Do a piece of work unless it is done: its fingerprint is kept and all outputs exist.
 * The fingerprint goes before the work starts and is written after its success,
 * so an interrupted step always runs again.
 */
export async function step(
  name: string,
  inputs: unknown,
  outputs: string[],
  body: (ctx: StepContext) => Promise<void>,
): Promise<"done" | "cached"> {
  const mark = join(stateDir(), "steps", `${name}.json`);
  const print = fingerprint(inputs);
  const isDone = () => readMark(mark) === print && outputs.every((path) => existsSync(path));
  if (isDone()) return "cached";
  return await withLock(join(stateDir(), "steps", `${name}.lock`), async () => {
    if (isDone()) return "cached"; // Another process did it meanwhile.
    rmSync(mark, { force: true });
    await work(name, outputs, body);
    writeFileSync(`${mark}.new`, JSON.stringify({ fingerprint: print }));
    renameSync(`${mark}.new`, mark);
    return "done";
  });
}

/** Print one line of progress. */
export function progress(name: string, text: string): void {
  process.stderr.write(`  ${name.padEnd(28)} ${text}\n`);
}

async function work(
  name: string,
  outputs: string[],
  body: (ctx: StepContext) => Promise<void>,
): Promise<void> {
  const start = Date.now();
  const logFile = statePath("logs", `${name}.log`);
  writeFileSync(logFile, "");
  const ctx = { state: stateDir(), ...tools(name, logFile) };
  try {
    await body(ctx);
  } catch (error) {
    ctx.log(String(error));
    if (error instanceof EngineError) throw error;
    throw new StepError(name, error instanceof Error ? error.message : String(error), logFile);
  }
  const missing = outputs.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new StepError(name, `it left no ${missing.join(", ")}`, logFile);
  progress(name, `${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function tools(name: string, logFile: string): Pick<StepContext, "log" | "run"> {
  const write = (text: string) => appendFileSync(logFile, text);
  return {
    log: (line) => write(`${line}\n`),
    run: async (cmd, args, opts = {}) => {
      write(`$ ${[cmd, ...args].join(" ")}\n`);
      const result = await runCommand(cmd, args, { ...opts, onOutput: write });
      if (result.exitCode === 0) return result.stdout;
      const lines = (result.stderr.trim() || result.stdout.trim()).split("\n").slice(-KEPT_LINES).join("\n");
      throw new StepError(
        name,
        `${[cmd, ...args.slice(0, 1)].join(" ")} ended with ${result.exitCode}`,
        logFile,
        lines,
      );
    },
  };
}

function readMark(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, "utf8")) as { fingerprint?: string }).fingerprint;
  } catch {
    return undefined; // No mark, or half a mark of a lost disk: the step runs.
  }
}
