/** Networks of the compose file: one for each pair that talks, so that nobody meets a stranger. */
import { type Connection, connectionsOf } from "../spec/connections.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

/** Network of a service whose ports are opened on the machine. */
const PUBLISHED = "published";

/** Network of the services that reach addresses outside of the system. */
const INTERNET = "internet";

/** Names of the networks that a service is in. */
export function networksOf(spec: ServiceSpec, system: SystemSpec): string[] {
  const pairs = connectionsOf(system).filter(({ from, to }) => [from, to].includes(spec.name));
  const published = isPublic(spec) ? [publishedName(spec)] : [];
  return [...pairs.map(pairName), ...published, ...(spec.egress ? [INTERNET] : [])];
}

/** Every network of the system. */
export function emitNetworks(system: SystemSpec): Record<string, object> {
  const used = new Set([...system.values()].flatMap((spec) => networksOf(spec, system)));
  const pairs = connectionsOf(system).map((pair): [string, object] => [pairName(pair), { internal: true }]);
  const published = [...system.values()].filter(isPublic);
  return Object.fromEntries([
    ...pairs,
    ...published.map((spec) => [publishedName(spec), { driver_opts: WITHOUT_WAY_OUT }]),
    ...(used.has(INTERNET) ? [[INTERNET, {}]] : []),
  ]);
}

function isPublic(spec: ServiceSpec): boolean {
  return spec.ports.some((port) => port.public);
}

function publishedName(spec: ServiceSpec): string {
  return `${PUBLISHED}-${spec.name}`;
}

function pairName({ from, to }: Connection): string {
  return `${from}-${to}`;
}

// An internal network cannot open ports; without address translation nothing comes back to who calls out.
const WITHOUT_WAY_OUT = { "com.docker.network.bridge.enable_ip_masquerade": "false" };
