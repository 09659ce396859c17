/** The environment that a deployment passes to a service. */
import { type DeploymentNames, type Hosts, resolveText } from "./references.ts";
import type { EnvSpec, ServiceSpec, SystemSpec } from "./service-spec.ts";

/** Value that the program assumes when the variable is not set. */
export function defaultOf(variable: EnvSpec, spec: ServiceSpec, system: SystemSpec): string | undefined {
  return variable.default === undefined ? undefined : resolveText(variable.default, spec, system);
}

/**
 * Plain variables that a deployment must pass: what is wired to other services, and for a part that we
 * take as it is (its program knows no defaults of ours) the defaults too.
 */
export function wiredEnvironment(
  spec: ServiceSpec,
  system: SystemSpec,
  hosts: Hosts = {},
): Record<string, string> {
  const entries: [string, string][] = [];
  for (const variable of spec.env) {
    const text = variable.wiring ?? (spec.image ? variable.default : undefined);
    if (text !== undefined) entries.push([variable.name, resolveText(text, spec, system, hosts)]);
  }
  return Object.fromEntries(entries);
}

/** Plain variables that a deployment on ECS passes: the wired ones and those that differ there. */
export function ecsEnvironment(
  spec: ServiceSpec,
  system: SystemSpec,
  hosts: Hosts,
  deployment: DeploymentNames,
): Record<string, string> {
  const different = spec.env.flatMap(({ name, ecs }): [string, string][] =>
    ecs === undefined ? [] : [[name, resolveText(ecs, spec, system, hosts, deployment)]],
  );
  return { ...wiredEnvironment(spec, system, hosts), ...Object.fromEntries(different) };
}

/** Variables whose value is a secret. */
export function secretVariables(spec: ServiceSpec): (EnvSpec & { secret: string })[] {
  return spec.env.filter(
    (variable): variable is EnvSpec & { secret: string } => variable.secret !== undefined,
  );
}

/** Variables whose value is made per deployment but is not secret. */
export function configVariables(spec: ServiceSpec): (EnvSpec & { config: string })[] {
  return spec.env.filter(
    (variable): variable is EnvSpec & { config: string } => variable.config !== undefined,
  );
}
