/** Brings up an engine, whatever the machine has. */
import { buildBases } from "../bases/main.ts";
import { startBaseRegistry } from "./base-registry.ts";
import { linkCommand } from "./command-link.ts";
import { preferCommand, preferPersonsCommand } from "./command-path.ts";
import { startDocker } from "./docker-daemon.ts";
import { ALL_BINARIES, binaryPath, buildBinaries } from "./engine-binaries.ts";
import { loadEngineImage, startEngine } from "./engine-container.ts";
import { buildEngineImage, engineRootfs } from "./engine-image.ts";
import { installHostPackages } from "./host-packages.ts";
import type { Plan } from "./plan.ts";
import { chosenEngine, planForHost } from "./probe-host.ts";
import { type CommandOrigin, provideCommand } from "./provide-command.ts";
import { buildSdkContent, goSdkRootfs } from "./sdk-content.ts";
import { progress } from "./step.ts";
import { keepStockEngine } from "./stock-engine.ts";

/** Where the engine and the dagger command came from. */
export interface Origins {
  engine: Plan["engine"];
  command: "present" | CommandOrigin;
}

/** Bring the engine and the dagger command up; quick when there is nothing to do. */
export async function up(): Promise<Origins> {
  const { engine, version, command, reason } = await planForHost();
  if (reason !== undefined)
    progress("engine", engine === "built" ? `built from packages: ${reason}` : reason);
  if (engine === "built") await bringUpBuilt();
  else if (chosenEngine() === undefined) await keepStockEngine(version);
  if (command === "present") {
    preferPersonsCommand();
    return { engine, command };
  }
  const origin = await provideCommand();
  preferCommand(binaryPath("dagger"));
  const hint = linkCommand();
  // Said once; `status` shows the folder.
  if (hint !== undefined && origin !== "kept") progress("dagger command", hint);
  return { engine, command: origin };
}

async function bringUpBuilt(): Promise<void> {
  await installHostPackages();
  await startDocker();
  const registry = await startBaseRegistry();
  // Compiling keeps one core busy, unpacking packages the other.
  const packages = unpackPackages();
  await all([buildEngine(packages, registry), packages.then(() => buildBases(registry))]);
}

async function unpackPackages(): Promise<{ engine: string; goSdk: string }> {
  return { engine: await engineRootfs(), goSdk: await goSdkRootfs() };
}

async function buildEngine(packages: ReturnType<typeof unpackPackages>, registry: string): Promise<void> {
  const [rootfs, programs] = await all([packages, buildBinaries(ALL_BINARIES)]);
  const image = await buildEngineImage(rootfs.engine, programs);
  const content = await buildSdkContent(rootfs.goSdk, programs);
  await loadEngineImage(image);
  await startEngine(content, registry);
}

/** Like Promise.all, but ends only when every part has ended: what one began is finished and noted. */
async function all<T extends readonly unknown[]>(parts: [...{ [K in keyof T]: Promise<T[K]> }]): Promise<T> {
  await Promise.allSettled(parts);
  return Promise.all(parts) as Promise<unknown> as Promise<T>;
}
