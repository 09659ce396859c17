/** Running one formatter or linter. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { CheckError } from "../shared/check-error.ts";
import type { StyleTool } from "./tools.ts";

/** What a tool came to; one that is not there was not run, and is not good either. */
export interface StyleResult {
  state: "ok" | "FAIL" | "MISSING";
  /** What it printed, or what is missing; empty when all is well. */
  words: string;
}

/**
 * Runs a tool; whether it is there is asked first, by a command that does nothing.
 *
 * @param root the checkout
 * @param env its PATH above all
 */
export function runTool(
  tool: StyleTool,
  mode: "check" | "fix",
  root: string,
  env: NodeJS.ProcessEnv = process.env,
): StyleResult {
  const command = mode === "fix" ? tool.fix : tool.check;
  if (!command) return { state: "ok", words: "" };
  const run = ([program = "", ...args]: readonly string[]) =>
    spawnSync(program, args, { cwd: `${root}/${tool.directory}`, encoding: "utf8", input: "", env });
  const asked = tool.ask && run(tool.ask);
  if (tool.ask && asked?.status !== 0) {
    const reason = asked && wordsOf(asked).split("\n")[0];
    const cause = `\`${tool.ask.join(" ")}\` does not work: ${reason}`;
    return { state: "MISSING", words: new CheckError("MS-CHECK-032", cause).message };
  }
  const result = run(command);
  const isGood = result.status === 0 && !(tool.isQuietWhenGood && result.stdout !== "");
  return { state: isGood ? "ok" : "FAIL", words: isGood ? "" : wordsOf(result) };
}

function wordsOf({ stdout, stderr, error }: SpawnSyncReturns<string>): string {
  return `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`.trim();
}
