/**
 * The checklist and the stand-in engine in a virtual machine with what other machines have: control groups of version 2,
 * systemd, swap, Debian 13's Docker.
 * Run as root: tsx ci/machines/vm/main.ts [--rows 1,4] [--parts checklist,engine] [--slowness 20] [--minutes 120]
 * Exit code 0 green, 1 red, 77 not run, with the reason.
 */
import { join } from "node:path";
import { withLock } from "../../engine/lock.ts";
import { hasProgram } from "../../engine/run-command.ts";
import { statePath } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import { CheckError } from "../../shared/check-error.ts";
import { EXIT_NOT_RUN } from "../../shared/exit-not-run.ts";
import { dataDisk } from "./data-disk.ts";
import { makeSwapDisk } from "./disks.ts";
import { readFindings } from "./findings.ts";
import { readJob } from "./job.ts";
import { runMachine } from "./machine.ts";
import { rootDisk } from "./root-disk.ts";
import { judge } from "./verdict.ts";

const PROGRAMS = ["qemu-system-x86_64", "mmdebstrap", "mkfs.ext4", "debugfs", "mkswap", "skopeo"];
const SWAP_MIB = 2048;

/** Why it cannot run here; undefined when it can. */
async function obstacle(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `this is ${process.platform} ${process.arch}, the machine inside is linux x64`;
  if (process.getuid?.() !== 0) return new CheckError("MS-CHECK-017", "it is not run by root").message;
  for (const program of PROGRAMS)
    if (!(await hasProgram(program)))
      return new CheckError("MS-CHECK-045", `there is no ${program} on the PATH`).message;
  return undefined;
}

async function main(): Promise<number> {
  const { job, minutes } = readJob(process.argv.slice(2));
  const why = await obstacle();
  if (why !== undefined) {
    console.log(`not run: ${why}`);
    return EXIT_NOT_RUN;
  }
  return withLock(statePath("vm", "lock"), async () => {
    const swap = statePath("vm", "swap");
    await step("vm-swap-disk", { SWAP_MIB }, [swap], ({ run }) => makeSwapDisk(run, swap, SWAP_MIB));
    const root = await rootDisk();
    const disk = await dataDisk(job);
    const machine = { root, disks: [disk, swap], console: statePath("logs", "vm-console.log") };
    await step("vm-run", { at: Date.now() }, [], () => runMachine(machine, minutes));
    const { folder, findings } = await readFindings(disk);
    const lines = judge(job, findings);
    for (const { good, text } of lines) console.log(`${good ? "green" : "RED  "} ${text}`);
    for (const { name, code, seconds } of findings.parts)
      console.log(`      ${name}: ${seconds} s, ended with ${code}`);
    console.log(`      files: ${join(folder, "out")}`);
    return lines.every((line) => line.good) ? 0 : 1;
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main().catch((error: Error) => {
  console.error(error.message);
  return 1;
});
