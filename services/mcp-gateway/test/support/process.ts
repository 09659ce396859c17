// The built bundle as a process of its own, as the image runs it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { System } from "./clients.ts";
import { freePort, type NatsServer } from "./nats-server.ts";
import { until } from "./system.ts";
import type { Issuer, TokenOptions } from "./tokens.ts";

const folder = fileURLToPath(new URL("../..", import.meta.url));

/** Path of the bundle. */
export const bundle = `${folder}dist/mcp-gateway.mjs`;

/** Options of node that the image runs it with. */
const { entrypoint }: { entrypoint: string[] } = parse(readFileSync(`${folder}service.yaml`, "utf8"));
const IMAGE_OPTIONS = entrypoint.filter((word) => word.startsWith("--"));

/** Makes the bundle from the sources as they are. */
export function buildBundle(): void {
  execFileSync("npm", ["run", "build"], { cwd: folder });
}

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /** What it printed so far. */
  readonly output: () => string;
  /** Settles with the exit code. */
  readonly exited: Promise<number | null>;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly system: System;
}

/** Starts the bundle and waits until it is ready. */
export async function startProcess(
  nats: Pick<NatsServer, "url">,
  issuer: Issuer,
  { env = {}, nodeOptions = [] }: { env?: Record<string, string>; nodeOptions?: string[] } = {},
): Promise<GatewayProcess> {
  const [http, grpc] = [await freePort(), await freePort()];
  const own = {
    NATS_URL: nats.url,
    MCP_PUBLIC_KEYS: issuer.publicKeys,
    HTTP_PORT: String(http),
    GRPC_PORT: String(grpc),
  };
  const child = spawn(process.execPath, [...IMAGE_OPTIONS, ...nodeOptions, bundle, "run"], {
    env: { ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      text += data;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const base = `http://127.0.0.1:${http}`;
  await until(
    async () => (await fetch(`${base}/health/ready`).catch(() => undefined))?.ok === true,
    `ready: ${text}`,
  );
  const headers = async (options: TokenOptions = {}) => ({
    authorization: `Bearer ${await issuer.token(options)}`,
  });
  const system = { base, grpcBase: `http://127.0.0.1:${grpc}`, headers };
  return { child, exited, system, httpPort: http, grpcPort: grpc, output: () => text };
}
