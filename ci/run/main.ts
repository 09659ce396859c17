/**
 * The main job: builds the images, runs the checklist against them, publishes them to the local registry, and writes
 * out/report. Exit code 1 when a check is red.
 * Run: tsx ci/run/main.ts
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const report = "out/report";

function run(program: string, args: string[]): number {
  const result = spawnSync(program, args, { cwd: root, stdio: "inherit" });
  if (result.error) console.error(`MS-PIPE-001 ${program} cannot be started: ${result.error.message}. Next: make setup`);
  return result.status ?? 1;
}

const built = run("dagger", ["--progress", "plain", "call", "report", "export", "--path", report]);
process.exitCode =
  built === 0 ? run("node_modules/.bin/tsx", ["ci/report/main.ts", "show", `${report}/report.json`]) : built;
