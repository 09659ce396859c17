/** Networks of the compose file: one for each pair that talks, so that nobody meets a stranger. */
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { networkFlows, PEERS } from "./network-flows.ts";

interface ComposeNetwork {
  name: string;
  members: readonly string[];
  settings: object;
}

// An internal network cannot open ports; without address translation nothing comes back to who calls out.
const WITHOUT_WAY_OUT = { "com.docker.network.bridge.enable_ip_masquerade": "false" };

/** Names of the networks that a service is in. */
export function networksOf(spec: ServiceSpec, system: SystemSpec): string[] {
  const own = composeNetworks(system).filter(({ members }) => members.includes(spec.name));
  return own.map(({ name }) => name);
}

/** Every network of the system. */
export function emitNetworks(system: SystemSpec): Record<string, object> {
  return Object.fromEntries(composeNetworks(system).map(({ name, settings }) => [name, settings]));
}

function composeNetworks(system: SystemSpec): ComposeNetwork[] {
  const flows = networkFlows(system);
  // One machine runs one server of a cluster, which does not talk to itself.
  const pairs = flows.filter(({ from, to }) => from !== to && system.has(from) && system.has(to));
  const published = flows.filter(({ from }) => from === PEERS.clients);
  const outward = flows.filter(({ to }) => to === PEERS.internet).map(({ from }) => from);
  return [
    ...pairs.map(({ from, to }) => ({
      name: `${from}-${to}`,
      members: [from, to],
      settings: { internal: true },
    })),
    ...published.map(({ to }) => ({
      name: `published-${to}`,
      members: [to],
      settings: { driver_opts: WITHOUT_WAY_OUT },
    })),
    ...(outward.length > 0 ? [{ name: PEERS.internet, members: outward, settings: {} }] : []),
  ].filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
}
