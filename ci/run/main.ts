/**
 * The main job: builds the images, runs the checklist against them, publishes them to the local registry, and writes
 * out/report. Exit code 1 when a check is red.
 * Run: tsx ci/run/main.ts
 */
import { spawnSync } from "node:child_process";
import { stopOnSignals } from "../engine/run-command.ts";
import { reportCall, reportDirectory, root, runDagger } from "../shared/dagger-call.ts";

stopOnSignals();
const { exitCode } = await runDagger(reportCall);
if (exitCode !== 0) process.exitCode = exitCode;
else {
  const show = ["ci/report/main.ts", "show", `${reportDirectory}/report.json`];
  process.exitCode = spawnSync("node_modules/.bin/tsx", show, { cwd: root, stdio: "inherit" }).status ?? 1;
}
