/** Starts the system with whatever runs it in this run of the checklist. */
import type { Settings } from "./settings.ts";
import type { System } from "./system.ts";

/** Makes keys, network and configuration; the rows start the containers. */
export async function startSystem(settings: Settings): Promise<System> {
  if (settings.compose) {
    const { ComposeSystem } = await import("./compose/system.ts");
    return ComposeSystem.start(settings, settings.compose);
  }
  const { RuncSystem } = await import("./runc/system.ts");
  return RuncSystem.start(settings);
}
