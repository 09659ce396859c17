/** Reads the repository's own specs for the tests. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { OBSERVABILITY_FILE, parseSystem, SPEC_FILES } from "../../../src/spec/parse-system.ts";
import type { SystemSpec } from "../../../src/spec/service-spec.ts";

/** Text of a file of the repository. */
export function repoText(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../../${path}`, import.meta.url)), "utf8");
}

/** Text of every spec file. */
export function specTexts(): Record<string, string> {
  return Object.fromEntries(SPEC_FILES.map((name) => [name, repoText(`services/${name}`)]));
}

/** The repository's system. */
export function repoSystem(): SystemSpec {
  return parseSystem(specTexts());
}

/** The system with what the compose file adds in its profile `observability`. */
export function repoObservedSystem(): SystemSpec {
  return parseSystem({ ...specTexts(), [OBSERVABILITY_FILE]: repoText(`services/${OBSERVABILITY_FILE}`) });
}
