/** The dagger command on the PATH: the user's own where it has the right version, else a link to ours. */
import { existsSync, lstatSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { binaryPath, buildBinaries } from "./engine-binaries.ts";
import { runCommand } from "./run-command.ts";
import { versions } from "./versions.ts";

const LINK = "/usr/local/bin/dagger";

function linkIsOurs(): boolean {
  const stat = lstatSync(LINK, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() === true && readlinkSync(LINK) === binaryPath("dagger");
}

/** Makes `dagger` of the engine's version callable. */
export async function provideDaggerCommand(): Promise<void> {
  const found = await runCommand("dagger", ["version"]);
  if (found.exitCode === 0 && found.stdout.includes(`${versions.engine.dagger} `)) return;
  if (!existsSync(binaryPath("dagger"))) await buildBinaries(["dagger"]);
  if (!existsSync(LINK)) symlinkSync(binaryPath("dagger"), LINK);
}

/** Takes our link away. */
export function removeDaggerCommand(): void {
  if (linkIsOurs()) rmSync(LINK);
}
