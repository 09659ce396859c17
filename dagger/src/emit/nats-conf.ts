/** `nats.conf`: ports and JetStream from the platform's spec, identities and permissions from the contracts. */
import { z } from "zod";
import { portOf, type ServiceSpec } from "../spec/service-spec.ts";

const subjects = z.array(z.string().min(1));

const rolePermissions = z.strictObject({
  publish: subjects,
  subscribe: subjects,
  deny_publish: subjects.optional(),
  deny_subscribe: subjects.optional(),
});

const permissionsSchema = z.object({ roles: z.record(z.string(), rolePermissions) });

/** What each identity may do, as in services/contracts/permissions.json. */
export type NatsPermissions = z.infer<typeof permissionsSchema>;

/** Reads services/contracts/permissions.json. */
export function parseNatsPermissions(text: string): NatsPermissions {
  return permissionsSchema.parse(JSON.parse(text));
}

/** Servers that form one system. */
export interface ClusterMembers {
  name: string;
  /** Host of every server, the one that reads this among them. */
  hosts: readonly string[];
}

/** Variable of the server's environment that holds the public nkey of a role. */
export function nkeyVariable(role: string): string {
  return `NATS_${role.toUpperCase()}_NKEY`;
}

/** Name under which a deployment keeps the public nkey of a role. */
export function publicKeyName(role: string): string {
  return `nats-${role}-public`;
}

// A server that vanishes loses at most this; what it acknowledged lies on another server too.
const CLUSTER_SYNC_INTERVAL = "10s";

/**
 * Writes the server's configuration. It holds public keys only.
 *
 * @param spec the spec of NATS
 * @param publicKeys public nkey of each role; `$NAME` takes it from the server's environment
 * @param members the servers of a cluster; each takes its own name from NATS_SERVER_NAME
 */
export function emitNatsConf(
  spec: ServiceSpec,
  permissions: NatsPermissions,
  publicKeys: Readonly<Record<string, string>>,
  members?: ClusterMembers,
): string {
  const users = Object.entries(permissions.roles).map(([role, rights]) => {
    const key = publicKeys[role];
    if (key === undefined) throw new Error(`no public nkey for the role ${role}`);
    return userText(role, key, rights);
  });
  return [
    "# Generated from services/platform.yaml and services/contracts/permissions.json.",
    `port: ${portOf(spec, "client").port}`,
    `http_port: ${portOf(spec, "monitor").port}`,
    ...(members ? clusterLines(spec, members) : []),
    ...jetstreamLines(spec, members !== undefined),
    "authorization {",
    "  users = [",
    users.join(",\n"),
    "  ]",
    "}",
    "",
  ].join("\n");
}

function clusterLines(spec: ServiceSpec, { name, hosts }: ClusterMembers): string[] {
  if (!spec.cluster) throw new Error(`${spec.name} is no cluster`);
  const { port } = spec.cluster;
  return [
    "server_name: $NATS_SERVER_NAME",
    "cluster {",
    `  name: ${JSON.stringify(name)}`,
    `  port: ${port}`,
    `  routes: [${hosts.map((host) => JSON.stringify(`nats://${host}:${port}`)).join(", ")}]`,
    "}",
  ];
}

function jetstreamLines(spec: ServiceSpec, clustered: boolean): string[] {
  const limits = spec.jetstream;
  const store = spec.writablePaths.find((path) => path.kind === "volume");
  if (!limits || !store) throw new Error(`${spec.name} has no JetStream limits or no volume for it`);
  return [
    `max_payload: ${limits.maxPayloadKiB * 1024}`,
    "jetstream {",
    `  store_dir: ${JSON.stringify(store.path)}`,
    `  max_memory_store: ${limits.maxMemoryMiB}MiB`,
    `  max_file_store: ${limits.maxFileGiB}GiB`,
    ...(clustered ? [`  sync_interval: ${JSON.stringify(CLUSTER_SYNC_INTERVAL)}`] : []),
    "}",
  ];
}

function userText(role: string, key: string, rights: z.infer<typeof rolePermissions>): string {
  const nkey = key.startsWith("$") ? key : JSON.stringify(key);
  return [
    `    # ${role}`,
    `    { nkey: ${nkey}, permissions: {`,
    `      publish: ${subjectRules(rights.publish, rights.deny_publish)}`,
    `      subscribe: ${subjectRules(rights.subscribe, rights.deny_subscribe)}`,
    "    } }",
  ].join("\n");
}

// Subjects are quoted: a bare $JS would be read as a variable.
function subjectRules(allow: readonly string[], deny: readonly string[] = []): string {
  const list = (items: readonly string[]) => `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
  return deny.length > 0 ? `{ allow: ${list(allow)}, deny: ${list(deny)} }` : `{ allow: ${list(allow)} }`;
}
