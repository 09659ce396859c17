/**
 * Calls one function of the pipeline as the main job does: with the commit of the checkout, its news on the screen and
 * everything in out/log.
 * Run: tsx ci/run/call.ts FUNCTION [ARGUMENTS]
 */
import { stopOnSignals } from "../engine/run-command.ts";
import { runDagger } from "../shared/dagger-call.ts";

stopOnSignals();
const { exitCode } = await runDagger(process.argv.slice(2));
process.exitCode = exitCode;
