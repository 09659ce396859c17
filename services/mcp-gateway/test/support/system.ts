// A gateway in this process against a real nats-server.
import { Writable } from "node:stream";
import type { NatsConnection } from "nats";
import { type Config, loadConfig } from "../../src/config.ts";
import { DEADLINES, type Deadlines } from "../../src/deadlines.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { createLogger } from "../../src/log.ts";
import { createStreams, type NatsServer, startNats } from "./nats-server.ts";
import { createIssuer, type Issuer, type TokenOptions } from "./tokens.ts";

/** Generous: a shared machine may be starved for many seconds. */
const DEADLINE_MS = 60_000;

/** Everything that a test talks to. */
export interface System {
  readonly nats: NatsServer;
  readonly admin: NatsConnection;
  readonly gateway: Gateway;
  readonly issuer: Issuer;
  readonly base: string;
  readonly grpcBase: string;
  /** Log lines so far, parsed. */
  readonly logs: Record<string, unknown>[];
  headers(options?: TokenOptions): Promise<Record<string, string>>;
  /** Shares a discovery over REST and gives its sequence. */
  share(content: string, options?: TokenOptions & { type?: string; confidence?: number }): Promise<number>;
  stop(): Promise<void>;
}

/** What a test changes. */
export interface SystemOptions {
  readonly config?: Partial<Config>;
  readonly permissions?: boolean;
  /** Deadlines of connections that differ. */
  readonly deadlines?: Partial<Deadlines>;
  /** False leaves the streams to the test. */
  readonly streams?: boolean;
}

/** Starts the parts and waits until the gateway is ready. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const nats = await startNats({ permissions: options.permissions ?? false });
  const admin = await nats.admin();
  if (options.streams !== false) await createStreams(admin);
  const issuer = await createIssuer();
  const logs: Record<string, unknown>[] = [];
  const config = configFor(nats, issuer, options.config);
  const gateway = await startGateway(config, createLogger("trace", logSink(logs)), {
    ...DEADLINES,
    ...options.deadlines,
  });
  const base = `http://127.0.0.1:${gateway.httpPort}`;
  if (options.streams !== false) await until(async () => (await fetch(`${base}/health/ready`)).ok);
  const headers = async (token: TokenOptions = {}) => ({
    authorization: `Bearer ${await issuer.token(token)}`,
    "content-type": "application/json",
  });
  return {
    nats,
    admin,
    gateway,
    issuer,
    base,
    grpcBase: `http://127.0.0.1:${gateway.grpcPort}`,
    logs,
    headers,
    share: async (content, { type = "insight", confidence = 0.5, ...token } = {}) => {
      const body = JSON.stringify({ type, content, confidence });
      const answer = await fetch(`${base}/v1/discoveries`, {
        method: "POST",
        headers: await headers(token),
        body,
      });
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { sequence: number }).sequence;
    },
    stop: async () => {
      gateway.terminate();
      await Promise.race([gateway.close().catch(() => undefined), delay(5000)]);
      gateway.terminate();
      await admin.close().catch(() => undefined);
      await nats.stop();
    },
  };
}

/** A configuration with free ports for tests. */
export function configFor(nats: NatsServer, issuer: Issuer, changes: Partial<Config> = {}): Config {
  const config = loadConfig({
    NATS_URL: nats.url,
    MCP_PUBLIC_KEYS: issuer.publicKeys,
    NATS_NKEY_SEED: nats.seeds.gateway,
    RATE_LIMIT_PER_SECOND: "10000",
    REQUEST_TIMEOUT_SECONDS: "30",
  });
  return { ...config, httpPort: 0, grpcPort: 0, ...changes };
}

/** Waits until the condition holds; fails when it takes too long. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = "condition",
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`${what} did not come true in ${deadlineMs} ms`);
    await delay(10);
  }
}

/** Waits. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function logSink(logs: Record<string, unknown>[]): Writable {
  return new Writable({
    write: (chunk, _, done) => {
      for (const line of String(chunk).split("\n").filter(Boolean)) logs.push(JSON.parse(line));
      done();
    },
  });
}
