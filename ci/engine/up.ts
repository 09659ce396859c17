/** Brings up an engine, whatever the host has. */
import { buildBases } from "../bases/main.ts";
import { baseRegistryRuns, startBaseRegistry } from "./base-registry.ts";
import { provideDaggerCommand } from "./dagger-command.ts";
import { startDocker } from "./docker-daemon.ts";
import { ALL_BINARIES, buildBinaries } from "./engine-binaries.ts";
import { startEngine } from "./engine-container.ts";
import { buildEngineImage } from "./engine-image.ts";
import { decideMode, type EngineMode, rememberMode, thisHost } from "./host.ts";
import { installHostPackages } from "./host-packages.ts";
import { buildSdkContent } from "./sdk-content.ts";

/** Brings the engine up and gives the mode it runs in; quick when there is nothing to do. */
export async function up(): Promise<EngineMode> {
  const mode = await decideMode(thisHost);
  if (mode === "stand-in") await upStandIn();
  await provideDaggerCommand();
  rememberMode(mode);
  return mode;
}

/** The engine and the base images have no need of one another before the engine starts: two cores, two tracks. */
async function upStandIn(): Promise<void> {
  await installHostPackages();
  await startDocker();
  if (!(await baseRegistryRuns()))
    console.error("  no container registry in reach: building from package registries");
  const registry = await startBaseRegistry();
  const tracks = await Promise.allSettled([buildEngine(registry), buildBases(registry)]);
  for (const track of tracks) if (track.status === "rejected") throw track.reason;
  await startEngine(await buildSdkContent());
}

async function buildEngine(registry: string): Promise<void> {
  await buildBinaries(ALL_BINARIES);
  await buildEngineImage(registry);
}
