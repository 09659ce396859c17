/** Reads all spec files of the system; gives every service after what it depends on, or everything that is wrong. */
import { checkSpec, type LocatedSpec } from "./check-spec.ts";
import { portProblems } from "./port-conflicts.ts";
import type { ServiceSpec, SystemSpec } from "./service-spec.ts";
import { SpecFile } from "./spec-file.ts";
import { SpecError, type SpecProblem } from "./spec-problem.ts";
import { ownServiceSchema, platformSchema } from "./spec-schema.ts";

/** Services that we build, in the order in which people name them. */
export const OWN_SERVICES = ["supervisor", "claude-worker", "mcp-gateway", "tools"] as const;

/** Name of a service that we build. */
export type OwnService = (typeof OWN_SERVICES)[number];

/** File of the parts that we take as they are, below the services directory. */
export const PLATFORM_FILE = "platform.yaml";

/** File of the parts that only a profile of the compose file has, below the services directory. */
export const OBSERVABILITY_FILE = "observability.yaml";

/** Every file that parseSystem needs, below the services directory. */
export const SPEC_FILES: readonly string[] = [
  PLATFORM_FILE,
  ...OWN_SERVICES.map((name) => `${name}/service.yaml`),
];

/**
 * Reads the specs.
 *
 * @param texts content of each of SPEC_FILES, by its name; with OBSERVABILITY_FILE its parts are there too
 * @throws SpecError with every problem found
 */
export function parseSystem(texts: Readonly<Record<string, string>>): SystemSpec {
  const problems: SpecProblem[] = [];
  const located = Object.entries(texts).flatMap(([name, text]) => readFile(name, text, problems));
  if (problems.length > 0) throw new SpecError(problems);
  const system = new Map(located.map((entry) => [entry.spec.name, entry.spec]));
  for (const [index, entry] of located.entries()) {
    if (located.findIndex((other) => other.spec.name === entry.spec.name) < index)
      problems.push(
        entry.file.problem("MS-SPEC-015", [...entry.at, "name"], `${entry.spec.name} is there twice`),
      );
    problems.push(...checkSpec(entry, system));
  }
  problems.push(...portProblems(located), ...cycleProblems(located, system));
  if (problems.length > 0) throw new SpecError(problems);
  return inOrder(system);
}

function readFile(name: string, text: string, problems: SpecProblem[]): LocatedSpec[] {
  const file = new SpecFile(`services/${name}`, text);
  if (name === PLATFORM_FILE || name === OBSERVABILITY_FILE) {
    const read = file.read(platformSchema);
    if ("problems" in read) {
      problems.push(...read.problems);
      return [];
    }
    return read.value.services.map((spec, index) => ({
      spec: withoutUndefined({ ...spec, kind: "service" as const, entrypoint: [] }),
      file,
      at: ["services", index],
    }));
  }
  const read = file.read(ownServiceSchema);
  if ("problems" in read) {
    problems.push(...read.problems);
    return [];
  }
  return [{ spec: withoutUndefined(read.value), file, at: [] }];
}

// The schema gives `key?: T | undefined`; the spec's types say that an absent key is absent.
function withoutUndefined(value: object): ServiceSpec {
  return JSON.parse(JSON.stringify(value)) as ServiceSpec;
}

function cycleProblems(located: readonly LocatedSpec[], system: SystemSpec): SpecProblem[] {
  const inCycle = located.filter((entry) => reaches(entry.spec, entry.spec.name, system, new Set()));
  return inCycle.map((entry) =>
    entry.file.problem("MS-SPEC-013", [...entry.at, "dependsOn"], `${entry.spec.name} depends on itself`),
  );
}

function reaches(from: ServiceSpec, name: string, system: SystemSpec, seen: Set<string>): boolean {
  return from.dependsOn.some((next) => {
    if (next === name) return true;
    const spec = system.get(next);
    if (!spec || seen.has(next)) return false;
    seen.add(next);
    return reaches(spec, name, system, seen);
  });
}

function inOrder(system: SystemSpec): SystemSpec {
  const ordered = new Map<string, ServiceSpec>();
  const visit = (spec: ServiceSpec): void => {
    if (ordered.has(spec.name)) return;
    for (const name of spec.dependsOn) {
      const dependency = system.get(name);
      if (dependency) visit(dependency);
    }
    ordered.set(spec.name, spec);
  };
  for (const spec of system.values()) visit(spec);
  return ordered;
}
