/** Waiting for an engine's container. */
import { writeFileSync } from "node:fs";
import { docker } from "./docker-daemon.ts";
import { EngineError } from "./engine-error.ts";
import { statePath } from "./state.ts";
import { becomesTrue } from "./wait.ts";

const SOCKET = "/run/dagger/engine.sock";
/** How long an engine may take for each part of its start. */
export const START_MS = 60_000;

/**
 * Waits until the engine listens.
 *
 * @throws MS-ENGINE-006 with the place of its log
 */
export async function waitForSocket(container: string): Promise<void> {
  const listens = async () => (await docker("exec", container, "test", "-S", SOCKET)).exitCode === 0;
  if (!(await becomesTrue(listens, START_MS))) throw await engineIsDown(container);
}

/** The error of an engine that does not come up; its log is kept. */
export async function engineIsDown(container: string): Promise<EngineError> {
  const log = statePath("logs", "engine.log");
  const { stdout, stderr } = await docker("logs", "--tail", "200", container);
  writeFileSync(log, stdout + stderr);
  return new EngineError("MS-ENGINE-006", `the engine does not answer; log: ${log}`);
}
