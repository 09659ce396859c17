/** The engine's container: made where there is none, made anew when anything in it differs. */
import { writeFileSync } from "node:fs";
import { cgroupVersion } from "../shared/cgroup-version.ts";
import { CACHE_SHARE, cacheLimit } from "./cache-limit.ts";
import { capabilityOptions, hostBoundingSet } from "./capabilities.ts";
import { hostCertificates, writeCertificates } from "./certificates.ts";
import { controlGroupOptions } from "./control-group-options.ts";
import { docker, expectDocker } from "./docker-daemon.ts";
import { binaryPath } from "./engine-binaries.ts";
import type { EngineImage } from "./engine-image.ts";
import { fingerprint } from "./fingerprint.ts";
import { inspectEngine, keptVersions } from "./inspect-engine.ts";
import { engineProxy } from "./proxy.ts";
import { runCommand } from "./run-command.ts";
import type { SdkContent } from "./sdk-content.ts";
import { statePath } from "./state.ts";
import { progress, step } from "./step.ts";
import {
  engineContainer,
  engineContainerOf,
  engineImage,
  engineImageOf,
  fingerprintLabel,
  standInLabel,
} from "./versions.ts";
import { becomesTrue } from "./wait.ts";
import { engineIsDown, START_MS, waitForSocket } from "./wait-for-engine.ts";

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
  const { env, problems } = engineProxy(process.env, [new URL(`http://${registry}`).hostname]);
  for (const problem of problems) progress("engine", problem.message);
  const options = [...runOptions(content), ...Object.keys(env).flatMap((name) => ["--env", name])];
  const image = (await docker("image", "inspect", "--format", "{{.Id}}", engineImage)).stdout.trim();
  // The share and not the bytes: a disk that was resized is no reason for a new engine.
  const config = engineConfig(registry, CACHE_SHARE);
  const print = fingerprint({ image, options, config, ca: hostCertificates(), env: valuesOf(env) });
  const found = await inspectEngine();
  if (found?.running && found.print === print) return "cached";
  if (found !== undefined && found.print === print) await expectDocker(["start", engineContainer]);
  else {
    await docker("rm", "--force", "--volumes", engineContainer);
    writeFileSync(statePath("engine.json"), engineConfig(registry, cacheLimit()));
    writeCertificates(statePath("certificates"), hostCertificates());
    const label = ["--label", `${fingerprintLabel}=${print}`];
    await expectDocker(["run", "--detach", ...label, ...options, engineImage], env);
  }
  await waitForEngine();
  return "done";
}

/** Without a proxy nothing, so that an engine of before knew proxies is not started anew. */
function valuesOf(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  return Object.keys(env).length === 0 ? undefined : env;
}

/** Stop the engines that this state folder keeps, giving them the time to close their database. */
export async function stopEngine(): Promise<boolean> {
  let isStopped = false;
  for (const version of await keptVersions()) {
    const name = engineContainerOf(version);
    if (!(await inspectEngine(name))?.running) continue;
    await docker("stop", "--time", "20", name);
    isStopped = true;
  }
  return isStopped;
}

/** Remove the containers of the engines that this state folder keeps, with image and cache. */
export async function removeEngine(): Promise<void> {
  for (const version of await keptVersions()) {
    const name = engineContainerOf(version);
    await docker("rm", "--force", "--volumes", name);
    await docker("volume", "rm", "--force", name);
    await docker("image", "rm", "--force", engineImageOf(version));
  }
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

async function waitForEngine(): Promise<void> {
  const start = Date.now();
  const query = async () => (await runCommand(binaryPath("dagger"), ["core", "version"])).exitCode === 0;
  await waitForSocket(engineContainer);
  if (!(await becomesTrue(query, START_MS))) throw await engineIsDown(engineContainer);
  progress("engine", `${((Date.now() - start) / 1000).toFixed(1)} s`);
}
