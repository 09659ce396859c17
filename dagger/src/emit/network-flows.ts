/** The connections of the specs with those that cross the system's edge: what a deployment has to let through. */
import { connectionsOf } from "../spec/connections.ts";
import type { PortSpec, ServiceSpec, SystemSpec } from "../spec/service-spec.ts";

/** Peers that are no service of the system. */
export const PEERS = {
  clients: "clients",
  internet: "internet",
  aws: "AWS",
  storage: "storage",
} as const;

/** One service opens connections to a port of another, or of a peer outside. */
export interface NetworkFlow {
  from: string;
  to: string;
  port: number;
  protocol: string;
  why: string;
}

const HTTPS = 443;
/** Port of network file systems. */
export const NFS_PORT = 2049;

/** Every connection, in the order of the services; each once, with all its reasons. */
export function networkFlows(system: SystemSpec): NetworkFlow[] {
  const inside = connectionsOf(system);
  const flows = [...system.values()].flatMap((spec) => [
    ...clientFlows(spec),
    ...inside
      .filter(({ from }) => from === spec.name)
      .map(({ from, to, port, why }) => flow(from, to, port, why)),
    ...clusterFlows(spec),
    ...outsideFlows(spec),
  ]);
  const merged = new Map<string, NetworkFlow>();
  for (const flow of flows) {
    const key = `${flow.from} ${flow.to} ${flow.port}`;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, why: `${known.why}; ${flow.why}` } : flow);
  }
  return [...merged.values()];
}

function clientFlows(spec: ServiceSpec): NetworkFlow[] {
  const open = spec.ports.filter((port) => port.public);
  return open.map((port) => flow(PEERS.clients, spec.name, port, port.meaning));
}

function clusterFlows({ name, cluster }: ServiceSpec): NetworkFlow[] {
  if (!cluster) return [];
  return [
    { from: name, to: name, port: cluster.port, protocol: "tcp", why: "servers of one cluster" },
    { from: name, to: PEERS.storage, port: NFS_PORT, protocol: "tcp", why: "data of each server" },
  ];
}

function outsideFlows(spec: ServiceSpec): NetworkFlow[] {
  const secure = { from: spec.name, port: HTTPS, protocol: "https" };
  const outside = { ...secure, to: PEERS.internet, why: "addresses outside of the system" };
  // A part that is neither built nor clustered runs elsewhere.
  const onEcs = spec.repository !== undefined || spec.cluster !== undefined;
  const platform = { ...secure, to: PEERS.aws, why: "image, log, secrets" };
  return [...(onEcs ? [platform] : []), ...(spec.egress ? [outside] : [])];
}

function flow(from: string, to: string, port: PortSpec, why: string): NetworkFlow {
  return { from, to, port: port.port, protocol: port.protocol, why };
}
