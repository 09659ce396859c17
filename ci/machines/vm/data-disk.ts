/** The disk that carries what is run into the virtual machine, and what was found out of it. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ALL_BINARIES, binaryPath, buildBinaries } from "../../engine/engine-binaries.ts";
import { buildEngineImage, engineRootfs } from "../../engine/engine-image.ts";
import { statePath } from "../../engine/state.ts";
import { type StepContext, step } from "../../engine/step.ts";
import { engineImage } from "../../engine/versions.ts";
import { CheckError } from "../../shared/check-error.ts";
import { runDagger } from "../../shared/dagger-call.ts";
import { makeDisk } from "./disks.ts";
import { type Job, jobEnvironment } from "./job.ts";

const GUEST = fileURLToPath(new URL("guest", import.meta.url));
/** For results, and for what Docker's archives are unpacked to. */
const ROOM_MIB = 2048;

/** Makes the disk anew; the pipeline and the steps know themselves what is up to date. */
export async function dataDisk(job: Job): Promise<string> {
  const disk = statePath("vm", "data.ext4");
  const folder = statePath("vm", "data");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(GUEST)) copyFileSync(`${GUEST}/${name}`, `${folder}/${name}`);
  writeFileSync(`${folder}/job.env`, jobEnvironment(job));
  const tar = job.parts.includes("checklist") ? await checklistFiles() : undefined;
  const layout = job.parts.includes("engine") ? await engineLayout() : undefined;
  await step("vm-data-disk", { at: Date.now() }, [disk], async ({ run }) => {
    if (tar !== undefined) await unpack(run, tar, `${folder}/root`);
    if (layout !== undefined) {
      const target = `docker-archive:${folder}/engine.tar:${engineImage}`;
      await run("skopeo", ["copy", "--quiet", `oci:${layout}:engine`, target]);
      copyFileSync(binaryPath("dagger"), `${folder}/dagger`);
    }
    await makeDisk(run, { file: disk, label: "data", folder, roomMiB: ROOM_MIB });
  });
  rmSync(folder, { recursive: true });
  return disk;
}

async function checklistFiles(): Promise<string> {
  const tar = statePath("vm", "checklist.tar");
  const { exitCode } = await runDagger(["checks", "checklist-files", "export", "--path", tar]);
  if (exitCode !== 0)
    throw new CheckError("MS-CHECK-047", `\`dagger call checks checklist-files\` ended with ${exitCode}`);
  return tar;
}

async function engineLayout(): Promise<string> {
  const image = await buildEngineImage(await engineRootfs(), await buildBinaries(ALL_BINARIES));
  return image.layout;
}

async function unpack(run: StepContext["run"], tar: string, folder: string): Promise<void> {
  mkdirSync(folder);
  await run("tar", ["-C", folder, "--numeric-owner", "-xpf", tar]);
}
