// A real nats-server per test file: own ports, own storage, the contracts' streams and permissions.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection, nkeyAuthenticator, nkeys } from "nats";

const contracts = new URL("../../../contracts/", import.meta.url);
const READY_MS = 60_000;
const REQUEST_MS = 30_000;

interface Role {
  readonly publish: string[];
  readonly subscribe: string[];
  readonly deny_publish?: string[];
  readonly deny_subscribe?: string[];
}

/** A running server and the seeds of its identities; without permissions there are none. */
export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly seeds: Readonly<Record<string, string>>;
  /** A connection that may do everything. */
  admin(): Promise<NatsConnection>;
  pause(): void;
  resume(): void;
  /** Ends it with SIGKILL and starts it again on the same port with the same storage. */
  restart(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Path of the program; a test without it fails with what to do. */
export function natsServerProgram(): string {
  const program = process.env.NATS_SERVER_BIN ?? "nats-server";
  if (spawnSync(program, ["--version"]).status !== 0) {
    throw new Error(`${program} cannot be run. Next: set NATS_SERVER_BIN, or put nats-server on PATH.`);
  }
  return program;
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server; with `permissions` every role of the contract has an nkey, and `admin` one without limits. */
export async function startNats(options: { permissions?: boolean; port?: number } = {}): Promise<NatsServer> {
  const program = natsServerProgram();
  const port = options.port ?? (await freePort());
  const directory = mkdtempSync(join(tmpdir(), "gateway-nats-"));
  const roles = rolesOf(options.permissions ?? false);
  const config = join(directory, "nats.conf");
  writeFileSync(config, serverConfig(port, directory, roles));
  const url = `nats://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(program, ["--config", config], { stdio: ["ignore", "ignore", "pipe"] });
    await ready(child);
  };
  const end = async (signal: NodeJS.Signals) => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null) return;
    const exited = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill(signal);
    await exited;
  };
  await start();
  return {
    url,
    port,
    seeds: Object.fromEntries(roles.map(({ name, seed }) => [name, seed])),
    admin: () => {
      const seed = roles.find(({ name }) => name === "admin")?.seed;
      const identity = seed && { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) };
      return connect({ servers: url, timeout: REQUEST_MS, maxReconnectAttempts: -1, ...identity });
    },
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    restart: async () => {
      await end("SIGKILL");
      await start();
    },
    kill: () => end("SIGKILL"),
    start,
    stop: async () => {
      child?.kill("SIGCONT");
      await end("SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Starts a server without permissions that has the contracts' streams. */
export async function startNatsWithStreams(): Promise<NatsServer> {
  const nats = await startNats();
  const admin = await nats.admin();
  await createStreams(admin);
  await admin.close();
  return nats;
}

/** Makes the streams and buckets that the contract names. */
export async function createStreams(client: NatsConnection): Promise<void> {
  const contract = JSON.parse(readFileSync(new URL("streams.json", contracts), "utf8"));
  const manager = await client.jetstreamManager({ timeout: REQUEST_MS });
  for (const stream of contract.streams) {
    await manager.streams.add({
      name: stream.name,
      subjects: stream.subjects,
      retention: stream.retention,
      max_age: stream.max_age_seconds * 1e9,
      max_bytes: -1,
      duplicate_window: stream.duplicate_window_seconds * 1e9,
      allow_direct: stream.allow_direct ?? false,
    });
  }
  for (const { bucket, ttl_seconds } of contract.key_value) {
    await client.jetstream({ timeout: REQUEST_MS }).views.kv(bucket, { ttl: ttl_seconds * 1000 });
  }
}

function rolesOf(wanted: boolean) {
  if (!wanted) return [];
  const contract: Record<string, Role> = JSON.parse(
    readFileSync(new URL("permissions.json", contracts), "utf8"),
  ).roles;
  const admin: Role = { publish: [">"], subscribe: [">"] };
  return Object.entries({ ...contract, admin }).map(([name, role]) => {
    const pair = nkeys.createUser();
    const seed = new TextDecoder().decode(pair.getSeed());
    return { name, role, seed, publicKey: pair.getPublicKey() };
  });
}

function serverConfig(port: number, directory: string, roles: ReturnType<typeof rolesOf>): string {
  const users = roles.map(({ publicKey, role }) => ({
    nkey: publicKey,
    permissions: {
      publish: { allow: role.publish, deny: role.deny_publish ?? [] },
      subscribe: { allow: role.subscribe, deny: role.deny_subscribe ?? [] },
    },
  }));
  return JSON.stringify({
    listen: `127.0.0.1:${port}`,
    max_payload: 1_048_576,
    jetstream: { store_dir: directory, max_mem: 67_108_864, max_file: 2_147_483_648 },
    ...(users.length > 0 && { authorization: { users } }),
  });
}

async function ready(child: ChildProcess): Promise<void> {
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error(`nats-server is not ready:\n${output}`)), READY_MS);
    child.once("exit", () => reject(new Error(`nats-server ended:\n${output}`)));
    child.stderr?.on("data", (data) => {
      output += data;
      if (!output.includes("Server is ready")) return;
      clearTimeout(tooLate);
      resolve();
    });
  });
  child.removeAllListeners("exit");
}
