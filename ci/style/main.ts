/**
 * Formatters and linters of every language: `check` never writes, `fix` does. Each is run, also when another is missing.
 * Run: tsx ci/style/main.ts check|fix
 */
import { spawnSync } from "node:child_process";
import { CheckError } from "../shared/check-error.ts";
import { root } from "../shared/dagger-call.ts";
import { runTool } from "./run-tool.ts";
import { clippyVersion, pipelinesRust, styleTools } from "./tools.ts";

const mode = process.argv[2];
if (mode !== "check" && mode !== "fix") {
  console.error(new CheckError("MS-CHECK-001", "the mode is neither check nor fix").message);
  process.exit(64);
}
const clippy = clippyVersion(spawnSync("cargo", ["clippy", "--version"], { encoding: "utf8" }).stdout ?? "");
for (const tool of styleTools(clippy, pipelinesRust(root))) {
  const { state, words } = runTool(tool, mode, root);
  console.log(`${state.padEnd(7)} ${tool.name}${tool.note ? ` (${tool.note})` : ""}`);
  if (words !== "") console.log(words);
  if (state !== "ok") process.exitCode = 1;
}
