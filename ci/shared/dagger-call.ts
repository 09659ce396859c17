/** Calls of the pipeline from the host's scripts. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { daggerEnvironment } from "../engine/command-path.ts";
import { endWithUs, isStopped } from "../engine/run-command.ts";
import { CheckError } from "./check-error.ts";
import { commitArguments } from "./commit-arguments.ts";
import { newsOf } from "./progress.ts";

/** The checkout. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where the main job's report goes, below the checkout. */
export const reportDirectory = "out/report";

const LOGS = "out/log";

/** Asked once: several calls of one run name the same commit, and warn once. */
let asked: string[] | undefined;
function commit(): string[] {
  asked ??= commitArguments(root, (line) => console.error(`warning: ${line}`));
  return asked;
}

/** How a call ended. */
export interface CallResult {
  exitCode: number;
  /** Everything it printed. */
  output: string;
}

/** The main job; nothing of an earlier run stays beside its report. */
export const reportCall: readonly string[] = ["report", "export", "--wipe", "--path", reportDirectory];

/** As a shell reports a program that SIGTERM ended. */
const EXIT_STOPPED = 143;

/**
 * Runs `dagger call`: shows its result and the news of its progress, and keeps all of it in a log. After a signal to us
 * nothing is called any more, see `stopOnSignals`.
 */
export function runDagger(args: readonly string[]): Promise<CallResult> {
  if (isStopped()) return Promise.resolve({ exitCode: EXIT_STOPPED, output: "" });
  const logFile = `${LOGS}/${calledFunction(args)}.log`;
  mkdirSync(`${root}/${LOGS}`, { recursive: true });
  const log = createWriteStream(`${root}/${logFile}`);
  console.log(`dagger call ${args.join(" ")}\n  log: ${logFile}`);
  return new Promise((resolve) => {
    const child = spawn("dagger", ["--progress", "plain", "call", ...commit(), ...args], {
      cwd: root,
      // Progress in plain form is the same on a terminal and in CI; colours would only hide the words.
      env: { ...daggerEnvironment(), NO_COLOR: "1", DAGGER_NO_NAG: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithUs(child);
    let output = "";
    const take = (line: string): void => {
      output += `${line}\n`;
      log.write(`${line}\n`);
    };
    createInterface(child.stdout).on("line", (line) => {
      take(line);
      console.log(line);
    });
    createInterface(child.stderr).on("line", (line) => {
      take(line);
      const news = newsOf(line);
      if (news !== undefined) console.error(news);
    });
    child.on("error", (error) => {
      console.error(new CheckError("MS-CHECK-004", `dagger cannot be started: ${error.message}`).message);
      resolve({ exitCode: 127, output });
    });
    child.on("close", (code) => log.end(() => resolve({ exitCode: code ?? 1, output })));
  });
}

/** The function with the object that it belongs to: what stands before the first option. */
function calledFunction(args: readonly string[]): string {
  const end = args.findIndex((word) => word.startsWith("--"));
  return (end === -1 ? args : args.slice(0, end)).join("-");
}
