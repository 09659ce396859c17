/** Steps of a set-up that are done once: skipped while their inputs and outputs are the same, resumed after an interruption. */
import { createHash } from "node:crypto";
import { createWriteStream, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { type CommandOptions, command } from "./command.ts";
import { stateDir, statePath } from "./state.ts";

/** What a step's body works with. */
export interface StepContext {
  /** The state directory. */
  state: string;
  /** Adds a line to the step's log. */
  log: (line: string) => void;
  /** Runs a program into the step's log; gives its standard output. Throws MS-ENGINE-001 when it fails. */
  run: (program: string, args: string[], options?: CommandOptions) => Promise<string>;
}

/** The fingerprint of a step's inputs: any value that JSON can hold. */
export function fingerprint(inputs: unknown): string {
  return createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
}

/**
 * Does a step unless it was done with the same inputs and its outputs are still there.
 *
 * The mark is written after the body has succeeded, so an interrupted step is done again.
 *
 * @param name file-name of the step's mark and log
 * @param inputs everything that the outputs depend on
 * @param outputs paths that exist once the step is done
 */
export async function step(
  name: string,
  inputs: unknown,
  outputs: string[],
  body: (context: StepContext) => Promise<void>,
): Promise<"done" | "cached"> {
  const markFile = statePath("steps", `${name}.json`);
  const mark = fingerprint(inputs);
  if (isDone(markFile, mark, outputs)) return "cached";
  const started = Date.now();
  const logFile = statePath("logs", `${name}.log`);
  const log = createWriteStream(logFile);
  console.log(`  ${name} ...`);
  try {
    await body({
      state: stateDir,
      log: (line) => log.write(`${line}\n`),
      run: (program, args, options = {}) => {
        log.write(`$ ${[program, ...args].join(" ")}\n`);
        return command(program, args, { ...options, onOutput: (text) => log.write(text) });
      },
    });
  } catch (error) {
    console.log(`  ${name} FAILED, log: ${logFile}`);
    throw error;
  } finally {
    log.end();
  }
  writeFileSync(`${markFile}.new`, JSON.stringify({ fingerprint: mark }));
  renameSync(`${markFile}.new`, markFile);
  console.log(`  ${name} done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return "done";
}

function isDone(markFile: string, mark: string, outputs: string[]): boolean {
  if (!existsSync(markFile) || !outputs.every((path) => existsSync(path))) return false;
  return (JSON.parse(readFileSync(markFile, "utf8")) as { fingerprint: string }).fingerprint === mark;
}
