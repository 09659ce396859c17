/** Who talks to whom inside of the system: everything else can be forbidden. */
import { referencesIn } from "./references.ts";
import type { ServiceSpec, SystemSpec } from "./service-spec.ts";

/** One service opens connections to another. */
export interface Connection {
  from: string;
  to: string;
}

/**
 * Every connection that the specs ask for: an address that is wired, or a dependency of which one side is a part that
 * we take as it is (the address may lie in a secret or a file). Between services of ours a dependency alone is an order
 * of start, not a connection.
 */
export function connectionsOf(system: SystemSpec): Connection[] {
  return [...system.values()].flatMap((spec) => {
    const named = new Set([...wiredServices(spec), ...platformServices(spec, system)]);
    return [...system.keys()].filter((name) => named.has(name)).map((to) => ({ from: spec.name, to }));
  });
}

function wiredServices(spec: ServiceSpec): string[] {
  return spec.env
    .flatMap((variable) => referencesIn(variable.wiring ?? ""))
    .map((reference) => reference.split(".")[0] ?? "")
    .filter((name) => name !== "port" && name !== spec.name);
}

function platformServices(spec: ServiceSpec, system: SystemSpec): string[] {
  return spec.dependsOn.filter((name) => spec.image !== undefined || system.get(name)?.image !== undefined);
}
