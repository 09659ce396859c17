/**
 * The dagger command that `make setup` has decided for, with this terminal and in this folder.
 * Run: tsx ci/run/dagger.ts ARGUMENTS
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { daggerEnvironment } from "../engine/command-path.ts";
import { CheckError } from "../shared/check-error.ts";

// Heard before there is a command: a signal must not end us and leave it running.
let child: ChildProcess | undefined;
// Ctrl-C reaches both of us; the command ends in its own way, and we with it.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child?.kill(signal));
child = spawn("dagger", process.argv.slice(2), { env: daggerEnvironment(), stdio: "inherit" });
child.on("error", (error) => {
  console.error(new CheckError("MS-CHECK-004", `dagger cannot be started: ${error.message}`).message);
  process.exitCode = 127;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
});
