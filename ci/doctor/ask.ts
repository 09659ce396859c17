/** Questions to programs that may be missing, broken or silent. */
import { existsSync, readFileSync } from "node:fs";
import { runCommand } from "../engine/run-command.ts";

/** A program that has not answered by then is not asked again. */
const LIMIT_MS = 10_000;

/** What a program prints; undefined when it is missing, fails or keeps silent. */
export async function ask(program: string, ...args: string[]): Promise<string | undefined> {
  const { exitCode, stdout } = await runCommand(program, args, { limitMs: LIMIT_MS });
  return exitCode === 0 ? stdout.trim() : undefined;
}

/** Content of a file; empty when it cannot be read. */
export function textOf(path: string): string {
  try {
    return existsSync(path) ? readFileSync(path, "utf8") : "";
  } catch {
    return "";
  }
}

/** The answer, or undefined after so many milliseconds. */
export async function within<T>(answer: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return await Promise.race([answer, silence]).finally(() => clearTimeout(timer));
}
