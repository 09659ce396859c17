/** What a row's file starts with: the system, a recorder, and `verifies` instead of vitest's `it`. */
import { beforeAll, describe, it } from "vitest";
import { CheckError } from "../../shared/check-error.ts";
import { ROWS, type RowId } from "../rows.ts";
import { evidenceOf, type Note, writeStartFailure } from "./evidence.ts";
import { readRequirements } from "./requirements.ts";
import { readSettings } from "./settings.ts";
import { startSystem } from "./start-system.ts";
import type { System } from "./system.ts";
import { PATIENCE } from "./wait.ts";

/** Hands the system to a test. */
export interface RowContext {
  /** The running system; call it inside of tests only. */
  system(): System;
  /** Starts again what a test ended, and waits until everything that the row needs is ready. */
  restore(): Promise<void>;
  note: Note;
}

const requirements = readRequirements();
const TEST_MS = 60_000;
const START_MS = 120_000;

// All rows run in one process without isolation: the system is started by the first and kept for the rest. A
// start that failed is not tried again, each row says why.
let shared: Promise<System> | undefined;

/** The system that all files of one run share; the first one that asks starts it. */
export function sharedSystem(): Promise<System> {
  shared ??= startSystem(readSettings());
  return shared;
}

/** Services of ours that run all the time. */
export const EVERY_SERVICE: readonly string[] = ["supervisor", "mcp-gateway", "claude-worker"];

/** Services without which nothing works. */
export const PLATFORM: readonly string[] = ["nats", "postgres"];

/**
 * Declares a row.
 *
 * @param needs our services that must be ready when its first test starts; the platform is there in any case
 */
export function row(id: RowId, needs: readonly string[], body: (context: RowContext) => void): void {
  const settings = readSettings();
  const name = ROWS.find((candidate) => candidate.id === id)?.name ?? String(id);
  let system: System | undefined;
  describe(`${id} ${name}`, () => {
    beforeAll(async () => {
      try {
        system = await sharedSystem();
        await system.ensureServices([...PLATFORM, ...needs]);
      } catch (error) {
        writeStartFailure(id, settings.outDir, error);
        throw error;
      }
    }, START_MS * PATIENCE);
    body({
      system: () => {
        if (!system) throw new Error("the system is asked for outside of a test");
        return system;
      },
      restore: async () => system?.ensureServices([...PLATFORM, ...needs]),
      note: evidenceOf(id, settings.outDir),
    });
  });
}

/** Declares a test that proves one requirement of requirements.yaml. */
export function verifies(id: string, test: () => Promise<void> | void, timeoutMs = TEST_MS): void {
  const requirement = requirements.get(id);
  if (!requirement) throw new CheckError("MS-CHECK-013", `${id} is no requirement`);
  it(`${id} ${requirement.behaviour}`, test, timeoutMs * PATIENCE);
}
