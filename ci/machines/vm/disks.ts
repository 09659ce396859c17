/** Disks of the virtual machine: raw files with a file system that is found by its label. */
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import type { StepContext } from "../../engine/step.ts";

const MIB = 1024 * 1024;

/**
 * Makes a disk that holds a folder's content, with owners and modes.
 *
 * @param roomMiB free space beside the content
 */
export async function makeDisk(
  run: StepContext["run"],
  { file, label, folder, roomMiB }: { file: string; label: string; folder: string; roomMiB: number },
): Promise<void> {
  const [kib = "0"] = (await run("du", ["--summarize", "--block-size=1024", folder])).split(/\s/);
  emptyFile(file, Math.ceil(Number(kib) / 1024) + roomMiB);
  await run("mkfs.ext4", ["-q", "-F", "-L", label, "-d", folder, file]);
}

/** Makes a disk to swap to. */
export async function makeSwapDisk(run: StepContext["run"], file: string, sizeMiB: number): Promise<void> {
  emptyFile(file, sizeMiB);
  await run("mkswap", ["--label", "swap", file]);
}

function emptyFile(file: string, sizeMiB: number): void {
  rmSync(file, { force: true });
  writeFileSync(file, "", { mode: 0o600 });
  truncateSync(file, sizeMiB * MIB);
}
