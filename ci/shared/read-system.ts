/** Reads the spec files from a checkout. */
import { readFileSync } from "node:fs";
import { OBSERVABILITY_FILE, parseSystem, SPEC_FILES } from "../../dagger/src/spec/parse-system.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";

/**
 * Every service of the system.
 *
 * @param root the checkout
 * @throws SpecError with file, line and reason of everything that is wrong
 */
export function readSystem(root: string): SystemSpec {
  return readFiles(root, SPEC_FILES);
}

/** The system with what the compose file adds in its profile `observability`. */
export function readObservedSystem(root: string): SystemSpec {
  return readFiles(root, [...SPEC_FILES, OBSERVABILITY_FILE]);
}

function readFiles(root: string, names: readonly string[]): SystemSpec {
  return parseSystem(
    Object.fromEntries(names.map((name) => [name, readFileSync(`${root}/services/${name}`, "utf8")])),
  );
}
