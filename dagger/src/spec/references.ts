/**
 * `${...}` in a spec: `${port.NAME}` of the same service, `${SERVICE.host}`, `${SERVICE.port.NAME}`,
 * `${SERVICE.servers}` of a cluster, `${deployment.environment}` on ECS.
 */
import { portOf, type ServiceSpec, type SystemSpec, serviceOf } from "./service-spec.ts";

const REFERENCE = /\$\{([^}]*)\}/g;

/** Host names under which the services reach one another; without an entry it is the service's name. */
export type Hosts = Readonly<Record<string, string>>;

/** What a deployment is called; only values for ECS refer to it. */
export interface DeploymentNames {
  environment: string;
}

const DEPLOYMENT = "deployment";
const DEPLOYMENT_NAMES: readonly string[] = ["environment"] satisfies (keyof DeploymentNames)[];

/** Everything between `${` and `}` in a text. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map((match) => match[1] ?? "");
}

/** Says why a reference cannot be resolved, or undefined when it can. */
export function referenceProblem(
  reference: string,
  self: ServiceSpec,
  system: SystemSpec,
): string | undefined {
  const parts = reference.split(".");
  const own = parts[0] === "port" && parts.length === 2;
  const target = own ? self : system.get(parts[0] ?? "");
  if (!target) return `\${${reference}} names no service`;
  if (!own && parts.length === 2 && parts[1] === "host") return undefined;
  if (!own && parts.length === 2 && parts[1] === "servers")
    return target.cluster ? undefined : `\${${reference}}: ${target.name} is no cluster`;
  const portName = own ? parts[1] : parts.length === 3 && parts[1] === "port" ? parts[2] : undefined;
  if (portName === undefined) return `\${${reference}} is neither a host nor a port`;
  if (target.ports.some((port) => port.name === portName)) return undefined;
  return `\${${reference}}: ${target.name} has no port ${portName}`;
}

/** Replaces every reference in one pass; the spec was checked, so each can be resolved. */
export function resolveText(
  text: string,
  self: ServiceSpec,
  system: SystemSpec,
  hosts: Hosts = {},
  deployment?: DeploymentNames,
): string {
  return text.replace(REFERENCE, (whole, reference: string) => {
    const [first = "", kind = "", portName = ""] = reference.split(".");
    if (first === DEPLOYMENT) return deployment?.[kind as keyof DeploymentNames] ?? whole;
    if (first === "port") return String(portOf(self, kind).port);
    if (kind === "host") return hosts[first] ?? first;
    if (kind === "servers") return String(serviceOf(system, first).cluster?.servers);
    return String(portOf(serviceOf(system, first), portName).port);
  });
}

/** Says why a reference in a value for ECS cannot be resolved, or undefined when it can. */
export function ecsReferenceProblem(
  reference: string,
  self: ServiceSpec,
  system: SystemSpec,
): string | undefined {
  const [first, name = ""] = reference.split(".");
  if (first !== DEPLOYMENT) return referenceProblem(reference, self, system);
  return DEPLOYMENT_NAMES.includes(name) ? undefined : `\${${reference}} is none of ${DEPLOYMENT_NAMES}`;
}
