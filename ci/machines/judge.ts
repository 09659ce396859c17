/** Whether what came out of a world is what must come out. */
import { EXIT_NOT_RUN } from "../shared/exit-not-run.ts";
import type { Expectation } from "./world.ts";

/** How a command ended. */
export interface Ending {
  /** Undefined when it was ended at its limit. */
  exitCode: number | undefined;
  /** Both streams as they came. */
  output: string;
  seconds: number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal's colours begin with one
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Why a command did not run, when it says so itself; undefined when it ran. */
export function reasonNotRun({ exitCode, output }: Ending): string | undefined {
  if (exitCode !== EXIT_NOT_RUN) return undefined;
  return words(output.trim().split("\n").at(-1) ?? "") || "it does not say why";
}

/** What is wrong with an ending, each in a sentence; empty when all is as expected. */
export function problemsOf(expected: Expectation, { exitCode, output, seconds }: Ending): string[] {
  if (exitCode === undefined) return [`it was ended after ${seconds.toFixed(0)} s`];
  const said = words(output);
  const exits = expected.exit === "failure" ? exitCode !== 0 : exitCode === expected.exit;
  return [
    ...(exits ? [] : [`it ended with ${exitCode}, not with ${expected.exit}`]),
    ...expected.says.filter((text) => !said.includes(words(text))).map((text) => `it did not say "${text}"`),
    ...expected.never.filter((text) => said.includes(words(text))).map((text) => `it said "${text}"`),
  ];
}

/** Line breaks and colours mean nothing here. */
function words(text: string): string {
  return text.replace(COLOURS, "").replace(/\s+/g, " ").trim();
}
