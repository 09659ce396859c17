/**
 * Tests what only a real hierarchy of version 2 can show; every Linux has one, also where version 1 is in use.
 * Run as root: tsx ci/control-groups/main.ts; exit code 0 green, 1 red, 77 not run, with the reason.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EXIT_NOT_RUN } from "../shared/exit-not-run.ts";
import { inNewGroup } from "./private-hierarchy.ts";

/** Why the tests cannot run here; undefined when they can. */
function obstacle(): string | undefined {
  if (process.platform !== "linux") return `this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "it is not run by root";
  const { code, stderr } = inNewGroup("true");
  return code === 0 ? undefined : `no group of version 2 can be made: ${stderr.trim()}`;
}

function main(): number {
  const why = obstacle();
  if (why !== undefined) {
    console.log(`not run: ${why}`);
    return EXIT_NOT_RUN;
  }
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  const here = fileURLToPath(new URL(".", import.meta.url));
  return spawnSync(process.execPath, [vitest, "run", "--root", here], { stdio: "inherit" }).status ?? 1;
}

process.exitCode = main();
