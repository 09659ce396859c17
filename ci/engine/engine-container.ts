/** The engine's container: made where there is none, made anew when anything in it differs. */
import { writeFileSync } from "node:fs";
import { cgroupVersion } from "../shared/cgroup-version.ts";
import { CACHE_SHARE, cacheLimit } from "./cache-limit.ts";
import { capabilityOptions, hostBoundingSet } from "./capabilities.ts";
import { hostCertificates, writeCertificates } from "./certificates.ts";
import { controlGroupOptions } from "./control-group-options.ts";
import { docker } from "./docker-daemon.ts";
import { binaryPath } from "./engine-binaries.ts";
import { EngineError } from "./engine-error.ts";
import type { EngineImage } from "./engine-image.ts";
import { fingerprint } from "./fingerprint.ts";
import { runCommand } from "./run-command.ts";
import type { SdkContent } from "./sdk-content.ts";
import { statePath } from "./state.ts";
import { progress, step } from "./step.ts";
import { engineContainer, engineImage, fingerprintLabel, standInLabel } from "./versions.ts";
import { becomesTrue } from "./wait.ts";

const SOCKET = "/run/dagger/engine.sock";
const START_MS = 60_000;

/** Load the image into Docker under the stock image's name, unless it is there. */
export async function loadEngineImage({ layout, print }: EngineImage): Promise<void> {
  const format = `{{index .Config.Labels "${fingerprintLabel}"}}`;
  if ((await docker("image", "inspect", "--format", format, engineImage)).stdout.trim() === print) return;
  await step("engine-image-load", { print, at: Date.now() }, [], async ({ run }) => {
    await run("skopeo", ["copy", "--quiet", `oci:${layout}:engine`, `docker-daemon:${engineImage}`]);
  });
}

/** The engine's configuration: images of docker.io come from our registry, the cache leaves room on the disk. */
export function engineConfig(registry: string, maxUsedSpace: number): string {
  const registries = { "docker.io": { mirrors: [registry] }, [registry]: { http: true } };
  return JSON.stringify({ registries, gc: { maxUsedSpace } });
}

/**
 * Start the engine.
 *
 * @returns whether it ran already just like this
 * @throws MS-ENGINE-006 with the end of its log when it does not come up
 */
export async function startEngine(content: SdkContent, registry: string): Promise<"done" | "cached"> {
  const options = runOptions(content);
  const image = (await docker("image", "inspect", "--format", "{{.Id}}", engineImage)).stdout.trim();
  // The share and not the bytes: a disk that was resized is no reason for a new engine.
  const config = engineConfig(registry, CACHE_SHARE);
  const print = fingerprint({ image, options, config, ca: hostCertificates() });
  const found = await inspectEngine();
  if (found?.running && found.print === print) return "cached";
  if (found !== undefined && found.print === print) await expectDocker("start", engineContainer);
  else {
    await docker("rm", "--force", "--volumes", engineContainer);
    writeFileSync(statePath("engine.json"), engineConfig(registry, cacheLimit()));
    writeCertificates(statePath("certificates"), hostCertificates());
    await expectDocker("run", "--detach", "--label", `${fingerprintLabel}=${print}`, ...options, engineImage);
  }
  await waitForEngine();
  return "done";
}

/** State of the container of the engine's name; undefined when there is none. */
export async function inspectEngine(
  name = engineContainer,
): Promise<{ running: boolean; print: string; isOurs: boolean } | undefined> {
  const label = (name: string) => `{{index .Config.Labels "${name}"}}`;
  const format = `{{.State.Running}} ${label(standInLabel)} ${label(fingerprintLabel)}`;
  const { exitCode, stdout } = await docker("container", "inspect", "--format", format, name);
  if (exitCode !== 0) return undefined;
  const [running, standIn, print = ""] = stdout.trim().split(" ");
  return { running: running === "true", print, isOurs: standIn === "true" };
}

/** Stop the engine that was built here, giving it the time to close its database. */
export async function stopEngine(): Promise<boolean> {
  const found = await inspectEngine();
  if (found === undefined || !found.isOurs || !found.running) return false;
  await docker("stop", "--time", "20", engineContainer);
  return true;
}

/** Remove the engine's container and image. */
export async function removeEngine(): Promise<void> {
  if ((await inspectEngine())?.isOurs !== true) return;
  await docker("rm", "--force", "--volumes", engineContainer);
  await docker("image", "rm", "--force", engineImage);
}

function runOptions({ folder, digests }: SdkContent): string[] {
  const mounts = {
    [statePath("engine")]: "/var/lib/dagger",
    [folder]: "/usr/local/share/dagger/content:ro",
    [statePath("engine.json")]: "/etc/dagger/engine.json:ro",
    [statePath("certificates")]: "/usr/local/share/ca-certificates",
  };
  const rights = capabilityOptions(hostBoundingSet());
  return [
    "--name",
    engineContainer,
    "--label",
    `${standInLabel}=true`,
    ...rights,
    ...controlGroupOptions(cgroupVersion(), rights.includes("--privileged")),
    ...Object.entries(mounts).flatMap(([from, to]) => ["--volume", `${from}:${to}`]),
    ...Object.entries(digests).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
  ];
}

async function expectDocker(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await docker(...args);
  if (exitCode !== 0) throw new EngineError("MS-ENGINE-006", `docker ${args[0]} failed: ${stderr.trim()}`);
}

async function waitForEngine(): Promise<void> {
  const start = Date.now();
  const answers = async () => (await docker("exec", engineContainer, "test", "-S", SOCKET)).exitCode === 0;
  const query = async () => (await runCommand(binaryPath("dagger"), ["core", "version"])).exitCode === 0;
  if ((await becomesTrue(answers, START_MS)) && (await becomesTrue(query, START_MS))) {
    progress("engine", `${((Date.now() - start) / 1000).toFixed(1)} s`);
    return;
  }
  const log = statePath("logs", "engine.log");
  const { stdout, stderr } = await docker("logs", "--tail", "200", engineContainer);
  writeFileSync(log, stdout + stderr);
  throw new EngineError("MS-ENGINE-006", `the engine does not answer; log: ${log}`);
}
