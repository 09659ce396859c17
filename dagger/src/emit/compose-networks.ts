/** Networks of the compose file: one for each service that others connect to, so that nobody meets a stranger. */
import { connectionsOf, serversOf } from "../spec/connections.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

/** Network of the services whose ports are opened on the machine. */
const PUBLISHED = "published";

/** Network of the services that reach addresses outside of the system. */
const INTERNET = "internet";

/** Names of the networks that a service is in. */
export function networksOf(spec: ServiceSpec, system: SystemSpec): string[] {
  const own = serversOf(system).filter((name) => name === spec.name);
  const reached = connectionsOf(system)
    .filter(({ from }) => from === spec.name)
    .map(({ to }) => to);
  const published = spec.ports.some((port) => port.public) ? [PUBLISHED] : [];
  return [...own, ...reached, ...published, ...(spec.egress ? [INTERNET] : [])];
}

/** Every network of the system. */
export function emitNetworks(system: SystemSpec): Record<string, object> {
  const used = new Set([...system.values()].flatMap((spec) => networksOf(spec, system)));
  const servers = serversOf(system).map((name): [string, object] => [name, { internal: true }]);
  return Object.fromEntries([
    ...servers,
    ...(used.has(PUBLISHED) ? [[PUBLISHED, { driver_opts: WITHOUT_WAY_OUT }]] : []),
    ...(used.has(INTERNET) ? [[INTERNET, {}]] : []),
  ]);
}

// An internal network cannot open ports; without address translation nothing comes back to who calls out.
const WITHOUT_WAY_OUT = { "com.docker.network.bridge.enable_ip_masquerade": "false" };
