/** What the values of the specs mean together; shape was checked before. */
import { connectionProblems } from "./connection-problems.ts";
import { fargateSizeProblem } from "./fargate-sizes.ts";
import { plainSecretProblem } from "./plain-secret.ts";
import { ecsReferenceProblem, referenceProblem, referencesIn } from "./references.ts";
import type { EnvSpec, ServiceSpec, SystemSpec } from "./service-spec.ts";
import type { SpecFile, ValuePath } from "./spec-file.ts";
import type { SpecProblem, SpecProblemCode } from "./spec-problem.ts";

/** Name of the variable that bounds a service's own shutdown. */
export const DRAIN_VARIABLE = "DRAIN_TIMEOUT_SECONDS";

/** Days for which CloudWatch Logs can be told to keep lines. */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** A spec together with the place it was read from. */
export interface LocatedSpec {
  spec: ServiceSpec;
  file: SpecFile;
  /** Way to the spec inside its file. */
  at: ValuePath;
}

type Report = (code: SpecProblemCode, path: ValuePath, reason: string) => void;

/** Finds everything that is wrong with one spec. */
export function checkSpec(located: LocatedSpec, system: SystemSpec): SpecProblem[] {
  const problems: SpecProblem[] = [];
  const report: Report = (code, path, reason) =>
    problems.push(located.file.problem(code, [...located.at, ...path], reason));
  checkSizes(located.spec, report);
  checkPorts(located.spec, report);
  checkEcs(located.spec, report);
  checkDependencies(located.spec, system, report);
  checkEnvironment(located.spec, system, report);
  for (const { code, at, reason } of connectionProblems(located.spec, system)) report(code, at, reason);
  return problems;
}

function checkSizes(spec: ServiceSpec, report: Report): void {
  const { container, fargate } = spec.resources;
  const size = fargateSizeProblem(fargate.cpu, fargate.memoryMiB);
  if (size) report("MS-SPEC-004", ["resources", "fargate"], size);
  if (container.memoryMiB > fargate.memoryMiB)
    report(
      "MS-SPEC-014",
      ["resources", "container"],
      `the container's ${container.memoryMiB} MiB do not fit into a task of ${fargate.memoryMiB} MiB`,
    );
  const drain = spec.env.findIndex((variable) => variable.name === DRAIN_VARIABLE);
  const seconds = Number(spec.env[drain]?.default ?? 0);
  if (seconds >= spec.stopTimeoutSeconds)
    report(
      "MS-SPEC-005",
      ["env", drain, "default"],
      `${DRAIN_VARIABLE} is ${seconds} s by default, but the container is killed after ${spec.stopTimeoutSeconds} s`,
    );
}

function checkPorts(spec: ServiceSpec, report: Report): void {
  spec.ports.forEach((port, index) => {
    const twin = spec.ports.findIndex((other) => other.port === port.port || other.name === port.name);
    if (twin < index)
      report("MS-SPEC-006", ["ports", index], `port ${port.name} (${port.port}) is there twice`);
  });
  const wanted = spec.health?.port;
  if (wanted !== undefined && !spec.ports.some((port) => port.name === wanted))
    report("MS-SPEC-011", ["health", "port"], `health is asked on port ${wanted}, which ${spec.name} lacks`);
}

function checkEcs(spec: ServiceSpec, report: Report): void {
  const { logs, scaling, replicas } = spec;
  if (!RETENTION_DAYS.includes(logs.retentionDays))
    report(
      "MS-SPEC-017",
      ["logs", "retentionDays"],
      `${logs.retentionDays} days are not offered; there are ${RETENTION_DAYS.join(", ")}`,
    );
  if (scaling && (scaling.min > replicas || replicas > scaling.max))
    report("MS-SPEC-018", ["scaling"], `${replicas} replicas are not from ${scaling.min} to ${scaling.max}`);
}

function checkDependencies(spec: ServiceSpec, system: SystemSpec, report: Report): void {
  spec.dependsOn.forEach((name, index) => {
    if (!system.has(name))
      report("MS-SPEC-009", ["dependsOn", index], `${spec.name} depends on ${name}, which has no spec`);
  });
}

function checkEnvironment(spec: ServiceSpec, system: SystemSpec, report: Report): void {
  spec.env.forEach((variable, index) => {
    const at: ValuePath = ["env", index];
    if (spec.env.findIndex((other) => other.name === variable.name) < index)
      report("MS-SPEC-010", at, `variable ${variable.name} is there twice`);
    const plain = plainSecretProblem(variable);
    if (plain) report("MS-SPEC-007", [...at, plain.key], `${variable.name}: ${plain.reason}`);
    for (const key of ["default", "wiring", "ecs"] as const)
      for (const reference of referencesIn(variable[key] ?? "")) {
        const problemOf = key === "ecs" ? ecsReferenceProblem : referenceProblem;
        const problem = problemOf(reference, spec, system);
        if (problem) report("MS-SPEC-008", [...at, key], `${variable.name}: ${problem}`);
      }
    const fault = defaultProblem(variable);
    if (fault) report("MS-SPEC-012", [...at, "default"], `${variable.name}: ${fault}`);
  });
}

function defaultProblem(variable: EnvSpec): string | undefined {
  const { default: value, type } = variable;
  if (type === "enum" && !variable.values) return "an enum lists its values";
  if (value === undefined || referencesIn(value).length > 0) return undefined;
  if (type === "enum" && !variable.values?.includes(value)) return `${value} is none of ${variable.values}`;
  if (type === "boolean" && !["true", "false"].includes(value)) return `${value} is neither true nor false`;
  if (!["integer", "number", "port"].includes(type)) return undefined;
  const number = Number(value);
  if (Number.isNaN(number) || (type !== "number" && !Number.isInteger(number)))
    return `${value} is no ${type}`;
  if (number < (variable.min ?? number)) return `${value} is below ${variable.min}`;
  if (number > (variable.max ?? number)) return `${value} is above ${variable.max}`;
  return undefined;
}
