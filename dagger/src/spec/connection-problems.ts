/** What is wrong with the connections that a spec names: a network or a rule would be missing in every deployment. */
import { portReference, reachedBy } from "./connections.ts";
import { referenceProblem, referencesIn } from "./references.ts";
import type { ServiceSpec, SystemSpec } from "./service-spec.ts";
import type { ValuePath } from "./spec-file.ts";
import type { SpecProblemCode } from "./spec-problem.ts";

/** A problem before its file and line are known. */
interface Found {
  code: SpecProblemCode;
  at: ValuePath;
  reason: string;
}

/** Finds what is wrong. */
export function connectionProblems(spec: ServiceSpec, system: SystemSpec): Found[] {
  return [
    ...spec.reaches.flatMap((text, index) =>
      reachProblems(text, spec, system).map((reason) => found(["reaches", index], reason)),
    ),
    ...spec.env.flatMap(({ name, reaches, wiring = "" }, index) => [
      ...(reaches === undefined ? [] : reachProblems(reaches, spec, system)).map((reason) =>
        found(["env", index, "reaches"], `${name}: ${reason}`),
      ),
      ...hostsWithoutPort(wiring).map((host) =>
        found(["env", index, "wiring"], `${name}: an address of ${host} that names none of its ports`),
      ),
    ]),
    ...unreached(spec, system),
  ];
}

function reachProblems(text: string, spec: ServiceSpec, system: SystemSpec): string[] {
  const references = referencesIn(text);
  if (references.length === 0) return [`"${text}" leads to no port`];
  return references.flatMap((reference) => {
    const problem = referenceProblem(reference, spec, system);
    if (problem) return [problem];
    const way = portReference(reference);
    return way && way.to !== spec.name ? [] : [`\${${reference}} is no port of another service`];
  });
}

function hostsWithoutPort(wiring: string): string[] {
  const references = referencesIn(wiring);
  const reached = references.map((reference) => portReference(reference)?.to);
  const hosts = references.filter((reference) => reference.endsWith(".host"));
  return hosts.map((reference) => reference.slice(0, -".host".length)).filter((to) => !reached.includes(to));
}

/**
 * A part that we take as it is takes part in nothing but by its ports: who waits for it wants to talk to it. Between
 * services of ours a dependency may be an order of start alone.
 */
function unreached(spec: ServiceSpec, system: SystemSpec): Found[] {
  const reached = reachedBy(spec);
  return spec.dependsOn.flatMap((name, index) => {
    const taken = spec.image !== undefined || system.get(name)?.image !== undefined;
    if (!taken || reached.includes(name)) return [];
    const reason = `${spec.name} depends on ${name}, but no wiring or reaches leads to a port of it`;
    return [{ code: "MS-SPEC-003", at: ["dependsOn", index], reason }];
  });
}

function found(at: ValuePath, reason: string): Found {
  return { code: "MS-SPEC-008", at, reason };
}
