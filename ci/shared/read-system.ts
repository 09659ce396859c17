/** Reads the spec files, and the contract that goes with them, from a checkout. */
import { readFileSync } from "node:fs";
import { type NatsPermissions, parseNatsPermissions } from "../../dagger/src/emit/nats-conf.ts";
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

/** What each identity of NATS may do. */
export function readPermissions(root: string): NatsPermissions {
  return parseNatsPermissions(readFileSync(`${root}/services/contracts/permissions.json`, "utf8"));
}

function readFiles(root: string, names: readonly string[]): SystemSpec {
  return parseSystem(
    Object.fromEntries(names.map((name) => [name, readFileSync(`${root}/services/${name}`, "utf8")])),
  );
}
