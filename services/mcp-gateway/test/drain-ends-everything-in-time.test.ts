// The built bundle as a process of its own, ended by real signals.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGrpc, openSse, openWebSocket, subscribers } from "./support/clients.ts";
import { type NatsServer, startNatsWithStreams } from "./support/nats-server.ts";
import { buildBundle, bundle, startProcess } from "./support/process.ts";
import { until } from "./support/system.ts";
import { createIssuer, type Issuer } from "./support/tokens.ts";

const DRAIN_SECONDS = 20;
let nats: NatsServer;
let issuer: Issuer;

beforeAll(async () => {
  buildBundle();
  nats = await startNatsWithStreams();
  issuer = await createIssuer();
});
afterAll(() => nats?.stop());

const start = () => startProcess(nats, issuer, { env: { DRAIN_TIMEOUT_SECONDS: String(DRAIN_SECONDS) } });

test("SIGTERM: every open stream is told, exit 0 in time, every line is JSON", async () => {
  const { child, exited, system, output } = await start();
  const clients = [await openSse(system), await openWebSocket(system), await openGrpc(system)];
  await until(async () => (await subscribers(system)) === 3, "three subscribers");
  const at = Date.now();
  child.kill("SIGTERM");
  const [sse, socket, grpc] = await Promise.all(clients.map(({ ended }) => ended));
  expect(JSON.parse(sse ?? "").error.code).toBe("MS-GW-010");
  expect(socket).toMatch(/^1001 MS-GW-010/);
  expect(grpc).toContain("MS-GW-010");
  expect(await exited).toBe(0);
  expect(Date.now() - at).toBeLessThan(DRAIN_SECONDS * 1000);
  for (const line of output().trim().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  expect(output()).toContain('"msg":"drained"');
});

test("a client that does not read cannot hold the drain: exit 0 before the deadline", async () => {
  const { child, exited, system } = await start();
  const client = await openWebSocket(system);
  client.socket.pause();
  const at = Date.now();
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(Date.now() - at).toBeLessThan(DRAIN_SECONDS * 1000);
  client.socket.terminate();
});

test("connections that say nothing, and a refused upgrade left half-open, do not hold the drain", async () => {
  const { child, exited, httpPort, grpcPort, output } = await start();
  const upgrade = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const sockets = await Promise.all(
    [
      [httpPort, ""],
      [grpcPort, ""],
      [httpPort, upgrade],
    ].map(async ([port, bytes]) => {
      const socket = connectSocket({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      if (bytes !== "") socket.write(String(bytes));
      return socket;
    }),
  );
  await until(() => output().includes("MS-GW-001"), "the refusal");
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toContain('"msg":"drained"');
  expect(output()).not.toContain("takes too long");
  for (const socket of sockets) socket.destroy();
});

test("a second SIGTERM cuts what is left", async () => {
  const { child, exited, system, output } = await start();
  const client = await openWebSocket(system);
  client.socket.pause();
  child.kill("SIGTERM");
  await until(() => output().includes("draining"), "the first signal");
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  expect(output()).toMatch(/second signal[\s\S]*drained/);
  client.socket.terminate();
});

test("commands: version, configuration, health, bad configuration, bad usage", async () => {
  const run = (args: string[], env: Record<string, string> = {}) => {
    try {
      const stdout = execFileSync(process.execPath, [bundle, ...args], {
        env,
        encoding: "utf8",
        stdio: "pipe",
      });
      return { code: 0, stdout, stderr: "" };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { code: status, stdout, stderr };
    }
  };
  expect(run(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(JSON.parse(run(["config", "--json"]).stdout)[0]).toMatchObject({ name: "NATS_URL", required: true });
  const bad = run(["run"], { HTTP_PORT: "x" });
  expect(bad.code).toBe(78);
  expect(bad.stderr.trim().split("\n")).toHaveLength(3);
  expect(run(["dance"]).code).toBe(64);
  expect(run(["health"], { HTTP_PORT: "1" }).code).toBe(1);
  const { child, exited, system } = await start();
  const HTTP_PORT = new URL(system.base).port;
  expect(run(["health", "--ready"], { HTTP_PORT })).toMatchObject({ code: 0 });
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
});
