// Whoever holds a connection and says nothing, or stops in the middle of any phase, is cut; the others are served.
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Deadlines } from "../src/deadlines.ts";
import { openSse, subscribers } from "./support/clients.ts";
import { call } from "./support/raw-grpc.ts";
import { FRAME, headerBlock, http2Frame, openingWith, PREFACE } from "./support/raw-http2.ts";
import { type System, type SystemOptions, startSystem, until } from "./support/system.ts";

const HEALTH = "/grpc.health.v1.Health/Check";
/** Every phase is short but the one that a test looks at is the only thing that can end its connection. */
const LONG: Deadlines = {
  handshake: 60_000,
  head: 60_000,
  request: 60_000,
  stall: 60_000,
  keepAlive: 60_000,
  idle: 60_000,
  ping: 60_000,
  farewell: 60_000,
  drainRequest: 60_000,
};
let system: System;
const open: Socket[] = [];

async function start(deadlines: Partial<Deadlines>, config: SystemOptions["config"] = {}): Promise<System> {
  system = await startSystem({ config, deadlines: { ...LONG, ...deadlines } });
  return system;
}
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await system.stop();
});

/** A client that sends and then neither closes nor answers; half-open when the server ends its side. */
async function silent(port: number, bytes: string | Buffer = ""): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  open.push(socket);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (bytes.length > 0) socket.write(bytes);
  return socket;
}

async function connections(port: "http" | "grpc"): Promise<number> {
  const text = await (await fetch(`${system.base}/metrics`)).text();
  return Number(new RegExp(`^mcp_gateway_connections\\{port="${port}"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
}

const HEAD: [string, string][] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":authority", "gateway.test"],
  [":path", HEALTH],
  ["content-type", "application/grpc"],
];
const settings = http2Frame(FRAME.settings, 0, 0, Buffer.alloc(0));
const headers = (flags: number) => http2Frame(FRAME.headers, flags, 1, headerBlock(HEAD));

test.each<[string, Partial<Deadlines>, "http" | "grpc", string | Buffer]>([
  ["HTTP: silence", { head: 300 }, "http", ""],
  ["HTTP: half a head", { head: 300 }, "http", "GET / HTTP/1.1\r\nHost:"],
  [
    "HTTP: half a body",
    { head: 200, request: 300 },
    "http",
    "POST /v1/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
  ],
  [
    "HTTP: nothing after an answer",
    { keepAlive: 300 },
    "http",
    "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
  ],
  [
    "HTTP: a refused upgrade",
    { farewell: 300 },
    "http",
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
  ],
  ["HTTP/2: silence", { handshake: 300 }, "grpc", ""],
  ["HTTP/2: half a preface", { handshake: 300 }, "grpc", PREFACE.subarray(0, 10)],
  ["HTTP/2: a preface without settings", { handshake: 300 }, "grpc", PREFACE],
  ["HTTP/2: no stream", { idle: 300, farewell: 100 }, "grpc", Buffer.concat([PREFACE, settings])],
  [
    "HTTP/2: half a head",
    { idle: 300, farewell: 100 },
    "grpc",
    Buffer.concat([PREFACE, settings, headers(0)]),
  ],
  [
    "HTTP/2: half a request",
    { request: 300, idle: 300, farewell: 100 },
    "grpc",
    Buffer.concat([PREFACE, settings, headers(4)]),
  ],
  ["HTTP/2: a peer that is gone", { ping: 200 }, "grpc", Buffer.concat([PREFACE, settings])],
])("%s", async (_, deadlines, port, bytes) => {
  const { gateway } = await start(deadlines);
  const before = await connections(port);
  await silent(port === "http" ? gateway.httpPort : gateway.grpcPort, bytes);
  await until(async () => (await connections(port)) === before + 1, "the connection");
  await until(async () => (await connections(port)) === before, "the cut", 10_000);
});

test("an answer that nobody reads is cut, a subscription that is silent is not", async () => {
  const { gateway, share, headers: tokenHeaders } = await start({ stall: 1_000 });
  for (let i = 0; i < 8; i++) await share("x".repeat(60_000));
  const subscription = await openSse(system);
  const { authorization } = await tokenHeaders();
  const request = `GET /v1/discoveries?limit=500 HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`;
  const before = await connections("http");
  const deaf = await silent(gateway.httpPort, request.repeat(40));
  await once(deaf, "readable");
  await until(async () => (await connections("http")) <= before, "the cut", 20_000);
  await share("still subscribed");
  await until(() => subscription.contents.includes("still subscribed"));
  subscription.close();
});

test("silent connections of one port leave the other port alone", async () => {
  const { gateway, base } = await start({}, { maxConnections: 5 });
  for (let i = 0; i < 10; i++) await silent(gateway.grpcPort);
  await until(async () => (await connections("grpc")) >= 5);
  expect((await fetch(`${base}/`)).status).toBe(200);
});

test("one address cannot take every place", async () => {
  const { gateway } = await start({}, { maxConnections: 100, maxConnectionsPerAddress: 3 });
  for (let i = 0; i < 10; i++) await silent(gateway.grpcPort);
  await until(async () => (await connections("grpc")) === 3, "three of ten");
  // The whole of 127.0.0.0/8 is this host: another of its addresses is another client.
  const session = connectHttp2(system.grpcBase, { localAddress: "127.0.0.9" } as object);
  expect(await call(session, HEALTH, "application/grpc", "")).toMatchObject({ "grpc-status": "0" });
  session.destroy();
});

test("a client that leaves while its token is checked leaves no subscription", async () => {
  const { gateway } = await start({});
  const { authorization } = await system.headers();
  const request = `GET /events?text=nothing-has-this HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`;
  for (let i = 0; i < 40; i++) {
    const socket = await silent(gateway.httpPort);
    await new Promise<void>((resolve) => socket.write(request, () => resolve()));
    socket.resetAndDestroy();
  }
  await until(async () => (await subscribers(system)) === 0, "no subscribers", 10_000);
});

test("nothing that is silent holds the drain", async () => {
  const { gateway } = await start({ farewell: 200, drainRequest: 500 });
  const { grpcPort, httpPort } = gateway;
  await silent(httpPort);
  await silent(httpPort, "GET / HTTP/1.1\r\nHost:");
  await silent(httpPort, "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  const { authorization } = await system.headers();
  const head = `POST /v1/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 9\r\n\r\n{`;
  await silent(httpPort, head);
  await silent(grpcPort);
  await silent(grpcPort, Buffer.concat([PREFACE, settings]));
  await silent(grpcPort, openingWith(HEAD));
  const session = connectHttp2(system.grpcBase);
  session.on("error", () => undefined);
  const reflection = session.request({
    ":method": "POST",
    ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "content-type": "application/grpc",
  });
  reflection.on("error", () => undefined);
  await until(async () => (await connections("grpc")) === 4 && (await connections("http")) >= 4);
  const at = Date.now();
  await gateway.close();
  expect(Date.now() - at).toBeLessThan(10_000);
  session.destroy();
});
