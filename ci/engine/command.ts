/** Runs programs of the host, keeping what they print for a log and for the error. */
import { spawn } from "node:child_process";
import { CodedError } from "./errors.ts";

/** How a program is run. */
export interface CommandOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /** Text for its standard input. */
  input?: string;
  /** Called with what it prints, as it comes. */
  onOutput?: (text: string) => void;
}

/** What a program printed and how it ended; 127 when it could not be started. */
export interface CommandResult {
  code: number;
  stdout: string;
  output: string;
}

const LAST_LINES = 40;

/** Runs a program to its end; any exit code is an answer. */
export function tryCommand(
  program: string,
  args: string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let output = "";
    const take = (chunk: Buffer, isStdout: boolean): void => {
      const text = chunk.toString();
      if (isStdout) stdout += text;
      output += text;
      options.onOutput?.(text);
    };
    child.stdout?.on("data", (chunk: Buffer) => take(chunk, true));
    child.stderr?.on("data", (chunk: Buffer) => take(chunk, false));
    child.stdin?.end(options.input);
    child.on("error", (error) => resolve({ code: 127, stdout, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, output }));
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @returns its standard output
 * @throws MS-ENGINE-001 with the command and its last lines
 */
export async function command(
  program: string,
  args: string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await tryCommand(program, args, options);
  if (result.code === 0) return result.stdout;
  const last = result.output.trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  throw new CodedError(
    "MS-ENGINE-001",
    `\`${[program, ...args].join(" ")}\` ended with ${result.code}:\n${last}\n`,
    "correct what its last lines say and run the same command again; finished steps are kept",
  );
}

/** Whether a program is on the PATH. */
export async function hasProgram(program: string): Promise<boolean> {
  return (await tryCommand("sh", ["-c", `command -v ${program}`])).code === 0;
}
