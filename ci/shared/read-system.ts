/** Reads the spec files from a checkout. */
import { readFileSync } from "node:fs";
import { parseSystem, SPEC_FILES } from "../../dagger/src/spec/parse-system.ts";
import type { SystemSpec } from "../../dagger/src/spec/service-spec.ts";

/**
 * Every service of the system.
 *
 * @param root the checkout
 * @throws SpecError with file, line and reason of everything that is wrong
 */
export function readSystem(root: string): SystemSpec {
  return parseSystem(
    Object.fromEntries(SPEC_FILES.map((name) => [name, readFileSync(`${root}/services/${name}`, "utf8")])),
  );
}
