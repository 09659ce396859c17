/** A dagger command of our own where the machine has none that fits: the released one, else built from its modules. */
import { rmSync } from "node:fs";
import { versionIn } from "./dagger-version.ts";
import { binaryPath, buildBinaries } from "./engine-binaries.ts";
import { EngineError } from "./engine-error.ts";
import { whyNoGo } from "./go-toolchain.ts";
import { downloadCommand } from "./released-command.ts";
import { runCommand } from "./run-command.ts";
import { progress } from "./step.ts";
import { versions } from "./versions.ts";

/** Where our own command comes from: `kept` was there already. */
export type CommandOrigin = "kept" | "downloaded" | "built";

/**
 * Bring our own command to its place in the state folder.
 *
 * @throws MS-ENGINE-005 with both reasons when it can be neither downloaded nor built, MS-ENGINE-001 when the build fails
 */
export async function provideCommand(): Promise<CommandOrigin> {
  const version = versions.engine.dagger;
  const program = binaryPath("dagger");
  if (versionIn((await runCommand(program, ["version"])).stdout) === version) return "kept";
  // Of another version, or half a program of a full disk.
  rmSync(program, { force: true });
  progress("dagger command", `fetching ${version}`);
  const refusal = await downloadCommand(version, program);
  if (refusal === undefined) return "downloaded";
  progress("dagger command", `cannot be downloaded, so it is built: ${refusal}`);
  const noGo = await whyNoGo();
  if (noGo !== undefined) {
    const reasons = `it cannot be downloaded (${refusal}) and not be built (${noGo})`;
    throw new EngineError(
      "MS-ENGINE-005",
      `the machine has no dagger command ${version} or later; ${reasons}`,
    );
  }
  await buildBinaries(["dagger"]);
  return "built";
}
