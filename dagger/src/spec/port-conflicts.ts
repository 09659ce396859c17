/** Two services on one port: one machine can publish only one of them, and no rule could tell them apart. */
import type { LocatedSpec } from "./check-spec.ts";
import type { ValuePath } from "./spec-file.ts";
import type { SpecProblem } from "./spec-problem.ts";

interface UsedPort {
  owner: LocatedSpec;
  port: number;
  at: ValuePath;
}

/** Finds every port that an earlier service has already; two ports of one service are its own check. */
export function portProblems(located: readonly LocatedSpec[]): SpecProblem[] {
  const used = located.flatMap(usedPorts);
  return used.flatMap(({ owner, port, at }, index) => {
    const first = used.slice(0, index).find((other) => other.port === port && other.owner !== owner);
    if (!first) return [];
    const { file, spec } = first.owner;
    const where = `${file.file}:${file.lineOf(first.at)}`;
    const reason = `${owner.spec.name} listens on ${port}, which is a port of ${spec.name} (${where})`;
    return [owner.file.problem("MS-SPEC-016", at, reason)];
  });
}

function usedPorts(owner: LocatedSpec): UsedPort[] {
  const { ports, cluster } = owner.spec;
  const listed = ports.map(({ port }, index) => ({ owner, port, at: [...owner.at, "ports", index, "port"] }));
  return cluster ? [...listed, { owner, port: cluster.port, at: [...owner.at, "cluster", "port"] }] : listed;
}
