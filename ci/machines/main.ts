/**
 * Plays the table of worlds on this machine and ends with `N passed, N failed`; a world that was not run is neither.
 * Run: tsx ci/machines/main.ts [--when test|demand] [NAME...]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CheckError } from "../shared/check-error.ts";
import { root } from "../shared/dagger-call.ts";
import { type Outcome, play, stopPlaying } from "./play.ts";
import { readWorlds, type World } from "./world.ts";

const SHOWN_LINES = 25;
/** As a shell reports a program that SIGINT ended. */
const EXIT_STOPPED = 130;

/** The worlds that were asked for: by name, by occasion, or all that can be run. */
function chosen(names: readonly string[], when: string | undefined): World[] {
  const worlds = readWorlds();
  const known = worlds.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new CheckError(
      "MS-CHECK-051",
      `there is no world ${unknown.join(", ")}; there are ${known.join(", ")}`,
    );
  if (when !== undefined && when !== "test" && when !== "demand")
    throw new CheckError("MS-CHECK-051", `--when ${when} is neither test nor demand`);
  if (names.length > 0) return worlds.filter(({ name }) => names.includes(name));
  return worlds.filter((world) => world.when !== "never" && (when === undefined || world.when === when));
}

function show(outcome: Outcome): void {
  const { world, kind } = outcome;
  const took = kind === "not run" ? "" : `  (${outcome.seconds.toFixed(1)} s)`;
  const mark = { green: "ok      ", red: "RED     ", "not run": "not run " }[kind];
  console.log(`${mark}${world.name}: ${world.title}${took}`);
  if (kind === "not run") console.log(`          ${outcome.reason}`);
  if (kind !== "red") return;
  for (const problem of outcome.problems) console.log(`          ${problem}`);
  if (outcome.log === undefined) return;
  const lines = readFileSync(`${root}/${outcome.log}`, "utf8").trimEnd().split("\n").slice(-SHOWN_LINES);
  console.log(`          $ ${world.run}   (the end of ${outcome.log})`);
  for (const line of lines) console.log(`          | ${line}`);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { when: { type: "string" } },
    allowPositionals: true,
  });
  const outcomes: Outcome[] = [];
  for (const world of chosen(positionals, values.when)) {
    const outcome = await play(world, root);
    outcomes.push(outcome);
    show(outcome);
  }
  const count = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind).length;
  if (count("not run") > 0) console.log(`${count("not run")} not run`);
  console.log(`${count("green")} passed, ${count("red")} failed`);
  return count("red") === 0 ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stopPlaying();
    process.exitCode = EXIT_STOPPED;
  });

try {
  process.exitCode = (await main()) || process.exitCode;
} catch (error) {
  console.error(error instanceof CheckError ? error.message : error);
  process.exitCode = 1;
}
