/** What this host has: decides whether the stock engine is used or one is built here. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { docker, dockerAnswers } from "./docker-daemon.ts";
import { engineRuns } from "./engine-container.ts";
import { statePath } from "./state.ts";
import { engineImage, standInLabel } from "./versions.ts";

/** `stock`: the public engine and base images; `stand-in`: built here from package registries. */
export type EngineMode = "stock" | "stand-in";

/** Questions that decide it; tests answer them themselves. */
export interface HostProbe {
  dockerAnswers: () => Promise<boolean>;
  engineRuns: () => Promise<boolean>;
  /** Whether the engine image that Docker holds was built here; undefined when it holds none. */
  heldImageIsStandIn: () => Promise<boolean | undefined>;
  canPull: () => Promise<boolean>;
}

/** The questions, asked of this host. */
export const thisHost: HostProbe = {
  dockerAnswers,
  engineRuns,
  heldImageIsStandIn: async () => {
    const format = `{{index .Config.Labels "${standInLabel}"}}`;
    const held = await docker("image", "inspect", "--format", format, engineImage);
    return held.exitCode === 0 ? held.stdout.trim() === "true" : undefined;
  },
  canPull: async () => (await docker("pull", "--quiet", engineImage)).exitCode === 0,
};

/** Decides the mode; the answer only costs a pull where nothing is known yet. */
export async function decideMode(host: HostProbe): Promise<EngineMode> {
  if (!(await host.dockerAnswers())) return "stand-in";
  const standIn = await host.heldImageIsStandIn();
  if (standIn !== undefined) return standIn ? "stand-in" : "stock";
  return (await host.canPull()) ? "stock" : "stand-in";
}

const modeFile = (): string => statePath("mode");

/** The mode that `up` decided on, for reports; stock where it never ran. */
export function decidedMode(): EngineMode {
  return existsSync(modeFile()) ? (readFileSync(modeFile(), "utf8").trim() as EngineMode) : "stock";
}

/** Remembers the mode. */
export function rememberMode(mode: EngineMode): void {
  writeFileSync(modeFile(), `${mode}\n`);
}
