/** The engine's container, under the name that the stock dagger command looks for. */
import { capabilityOptions, hostBoundingSet } from "./capabilities.ts";
import { docker } from "./docker-daemon.ts";
import { EngineError } from "./engine-error.ts";
import { fingerprint } from "./fingerprint.ts";
import type { SdkContent } from "./sdk-content.ts";
import { engineContainer, engineImage, standInLabel } from "./versions.ts";

const CONFIGURED = "io.mistersmith.configured";
const STATE = "/var/lib/dagger";
const CONTENT = "/usr/local/share/dagger/content";
/** Where the engine keeps its cache on the host. */
export const engineStateDir: string = STATE;

async function inspect(format: string): Promise<string | undefined> {
  const result = await docker("container", "inspect", "--format", format, engineContainer);
  return result.exitCode === 0 ? result.stdout.trim() : undefined;
}

/** Whether the container runs, whoever started it. */
export async function engineRuns(): Promise<boolean> {
  return (await inspect("{{.State.Running}}")) === "true";
}

function runArguments(sdk: SdkContent): string[] {
  const env = Object.entries(sdk.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  return [
    ...capabilityOptions(hostBoundingSet()),
    "--cgroupns=host",
    ...["--volume", `${STATE}:${STATE}`, "--volume", "/sys/fs/cgroup:/sys/fs/cgroup"],
    ...["--volume", `${sdk.directory}:${CONTENT}:ro`],
    ...env,
  ];
}

/**
 * Starts the engine that was built here, or a new one when its image or options changed.
 *
 * @throws MS-ENGINE-006 with Docker's words when it does not start
 */
export async function startEngine(sdk: SdkContent): Promise<void> {
  const image = (await docker("image", "inspect", "--format", "{{.Id}}", engineImage)).stdout.trim();
  const options = runArguments(sdk);
  const configured = fingerprint({ image, options });
  if ((await inspect(`{{index .Config.Labels "${CONFIGURED}"}}`)) === configured) {
    if (await engineRuns()) return;
    await must("start", engineContainer);
    return;
  }
  await docker("rm", "--force", engineContainer);
  const labels = ["--label", `${CONFIGURED}=${configured}`, "--label", `${standInLabel}=true`];
  await must("run", "--detach", "--name", engineContainer, ...labels, ...options, engineImage);
}

async function must(...args: string[]): Promise<void> {
  const result = await docker(...args);
  if (result.exitCode !== 0)
    throw new EngineError("MS-ENGINE-006", `docker ${args[0]} ${engineContainer}: ${result.stderr.trim()}`);
}

/** Stops the container if it is ours; gives it time to write its cache. */
export async function stopEngine(): Promise<boolean> {
  if ((await inspect(`{{index .Config.Labels "${standInLabel}"}}`)) !== "true") return false;
  await docker("stop", "--time", "30", engineContainer);
  return true;
}
