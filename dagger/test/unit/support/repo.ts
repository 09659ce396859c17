/** Reads the repository's own specs for the tests. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSystem, SPEC_FILES } from "../../../src/spec/parse-system.ts";
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
