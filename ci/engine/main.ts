/**
 * A Dagger engine on any machine: `tsx ci/engine/main.ts up|down|clean|status`.
 *
 * `up` brings up the engine and the dagger command, `down` ends what `up` started, `clean` also removes what it made.
 */
import { rmSync } from "node:fs";
import { BaseError } from "../bases/base-error.ts";
import { baseRegistryRuns, stopBaseRegistry } from "./base-registry.ts";
import { unlinkCommand } from "./command-link.ts";
import { commandFolder, daggerEnvironment, prefersOwnCommand } from "./command-path.ts";
import { versionIn } from "./dagger-version.ts";
import { dockerAnswers, stopDocker } from "./docker-daemon.ts";
import { removeEngine, stopEngine } from "./engine-container.ts";
import { EngineError } from "./engine-error.ts";
import { restoreNetwork } from "./host-network.ts";
import { removeHostPackages } from "./host-packages.ts";
import { inspectEngine } from "./inspect-engine.ts";
import { unmountBelow } from "./leftover-mounts.ts";
import { withLock } from "./lock.ts";
import { isStopped, runCommand, stopOnSignals } from "./run-command.ts";
import { makeReadable, stateDir } from "./state.ts";
import { progress } from "./step.ts";
import { up } from "./up.ts";
import { versions } from "./versions.ts";

/** As a shell reports a program that SIGINT ended. */
const EXIT_STOPPED = 130;

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = { up: bringUp, down, clean, status };

async function bringUp(): Promise<void> {
  const start = Date.now();
  const { engine, command } = await up();
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  console.error(`  engine ${engine}, dagger command ${command} (${seconds} s)`);
}

async function down(): Promise<void> {
  tell("engine", (await dockerAnswers()) && (await stopEngine()));
  tell("base registry", await stopBaseRegistry());
  tell("docker", await stopDocker());
}

/** What was not started here is left alone. */
function tell(name: string, isStopped: boolean): void {
  progress(name, isStopped ? "stopped" : "none of ours runs");
}

async function clean(): Promise<void> {
  if (await dockerAnswers()) await removeEngine();
  await down();
  unlinkCommand();
  await restoreNetwork();
  await removeHostPackages();
  await unmountBelow(stateDir());
  progress("state", `removing ${stateDir()}`); // a full cache takes minutes
  for (const path of [stateDir(), lockFile()]) rmSync(path, { recursive: true, force: true });
}

async function status(): Promise<void> {
  const docker = await dockerAnswers();
  const engine = docker ? await inspectEngine() : undefined;
  const command = versionIn((await runCommand("dagger", ["version"], { env: daggerEnvironment() })).stdout);
  const origin = engine?.isStandIn ? ", a stand-in" : "";
  const table = {
    docker: docker ? "answers" : "does not answer",
    engine: engine?.running ? `${versions.engine.dagger} runs${origin}` : "does not run",
    "base registry": docker && (await baseRegistryRuns()) ? "runs" : "does not run",
    "dagger command": command ?? "none",
    "for your PATH": prefersOwnCommand() ? commandFolder() : "nothing",
    state: stateDir(),
  };
  for (const [name, value] of Object.entries(table)) console.log(`${name.padEnd(16)}${value}`);
}

/** Beside the state folder, since `clean` removes that. */
function lockFile(): string {
  return `${stateDir()}.lock`;
}

async function main(name = ""): Promise<void> {
  const command = COMMANDS[name];
  if (command === undefined) throw new EngineError("MS-ENGINE-009", `there is no command "${name}"`);
  await (name === "status" ? command() : withLock(lockFile(), command));
}

function isExpected(error: unknown): error is EngineError | BaseError {
  return error instanceof EngineError || error instanceof BaseError;
}

/** The error, and for one that keeps a person from starting the machine that it happened on; the error's step stays the last word. */
async function tellWhy(error: unknown, withMachine: boolean): Promise<void> {
  const text = isExpected(error) ? error.message : error;
  if (withMachine) {
    const { diagnose } = await import("../doctor/diagnose.ts");
    const { findingLines } = await import("../doctor/finding.ts");
    console.error(`\n${findingLines(await diagnose()).join("\n")}\n`);
  }
  console.error(text);
}

makeReadable();
stopOnSignals();

try {
  await main(process.argv[2]);
} catch (error) {
  // What was cut off has nothing to say about why.
  if (isStopped()) console.error("  stopped; `make setup` continues from here");
  else await tellWhy(error, process.argv[2] === "up");
  process.exitCode = isStopped() ? EXIT_STOPPED : 1;
}
