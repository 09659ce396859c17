/**
 * A bridge in the harness's own network namespace, and one namespace with one address for each container.
 * The harness runs in a network and a mount namespace of its own (main.ts), so nothing of this outlives it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { run } from "../command.ts";

const BRIDGE = "ms0";
const SUBNET = "10.88.0";
const PREFIX_LENGTH = 24;
const NETNS_DIRECTORY = "/run/netns";

/** Where containers reach the harness. */
export const HARNESS_ADDRESS = `${SUBNET}.1`;

/** The network of one run. */
export interface Network {
  /** Makes a namespace with an address; the host number is the address's last part. */
  join(name: string, host: number): NetworkPlace;
}

/** Where a container is in the network. */
export interface NetworkPlace {
  netns: string;
  address: string;
}

/** Brings up the loopback interface and the bridge. */
export function createNetwork(): Network {
  mkdirSync(NETNS_DIRECTORY, { recursive: true });
  run("mount", "-t", "tmpfs", "tmpfs", NETNS_DIRECTORY);
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", BRIDGE, "type", "bridge");
  run("ip", "addr", "add", `${HARNESS_ADDRESS}/${PREFIX_LENGTH}`, "dev", BRIDGE);
  run("ip", "link", "set", BRIDGE, "up");
  return { join };
}

/** Address of a host number. */
export function addressOf(host: number): string {
  return `${SUBNET}.${host}`;
}

/** Writes an /etc/hosts file. */
export function writeHosts(file: string, hosts: Readonly<Record<string, string>>): void {
  const lines = Object.entries(hosts).map(([name, address]) => `${address}\t${name}`);
  writeFileSync(file, ["127.0.0.1\tlocalhost", ...lines, ""].join("\n"));
}

function join(name: string, host: number): NetworkPlace {
  const outside = `ms-${host}`;
  run("ip", "netns", "add", name);
  run("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name);
  run("ip", "link", "set", outside, "master", BRIDGE, "up");
  run("ip", "-n", name, "addr", "add", `${addressOf(host)}/${PREFIX_LENGTH}`, "dev", "eth0");
  run("ip", "-n", name, "link", "set", "lo", "up");
  run("ip", "-n", name, "link", "set", "eth0", "up");
  return { netns: `${NETNS_DIRECTORY}/${name}`, address: addressOf(host) };
}
