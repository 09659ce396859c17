// Everything that once filled the gateway's memory, all of it at once, against the bundle as a process.
import { readFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { connect as connectNats, type NatsConnection } from "nats";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { envelope } from "../src/envelope.ts";
import { openSse } from "./support/clients.ts";
import { createStreams, type NatsServer, startNats } from "./support/nats-server.ts";
import { buildBundle, type GatewayProcess, startProcess } from "./support/process.ts";
import { until } from "./support/system.ts";
import { createIssuer } from "./support/tokens.ts";

const LIMIT_MIB = 200;
const STORED = 200;
const CALLS = 60;
let nats: NatsServer;
let admin: NatsConnection;
let gateway: GatewayProcess;
const sockets: (Socket | WebSocket)[] = [];

beforeAll(async () => {
  buildBundle();
  nats = await startNats();
  admin = await connectNats({ servers: nats.url });
  await createStreams(admin);
  gateway = await startProcess(nats, await createIssuer());
  const content = "x".repeat(65_000);
  for (let i = 0; i < STORED; i++) {
    const message = envelope({ agent_id: "agent-2", type: "insight", content, confidence: 0.5 });
    await admin.jetstream().publish("discoveries.agent-2.insight", JSON.stringify(message));
  }
});
afterAll(async () => {
  for (const socket of sockets) "terminate" in socket ? socket.terminate() : socket.destroy();
  gateway?.child.kill("SIGKILL");
  await gateway?.exited;
  await admin?.close();
  await nats?.stop();
});

/** The most that the process ever held, MiB; the kernel keeps it. */
function peakMiB(): number {
  const status = readFileSync(`/proc/${gateway.child.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** Asks for lists, many on each connection, and reads none. */
async function deafReaders(): Promise<void> {
  for (let client = 0; client < 40; client++) {
    const { authorization } = await gateway.system.headers();
    const request = `GET /v1/discoveries?limit=500 HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`;
    const socket = connect(gateway.httpPort, "127.0.0.1", () => socket.write(request.repeat(30)));
    socket.on("error", () => undefined);
    socket.pause();
    sockets.push(socket);
    // Something has come, and nothing of it is read.
    await new Promise((resolve) => socket.once("readable", resolve));
  }
}

/** A POST to /mcp; gives the answer's text. */
async function mcp(body: object): Promise<string> {
  const headers = {
    ...(await gateway.system.headers()),
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return (await fetch(`${gateway.system.base}/mcp`, init)).text();
}

const call = (id: number) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "list_discoveries", arguments: { limit: 200 } },
});

async function largeLists(): Promise<void> {
  for (let i = 0; i < CALLS; i += 10) {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => mcp(call(i + at))));
    for (const text of answers) {
      expect(text).toContain("next_after");
      expect(text.length).toBeLessThan(1_048_576);
    }
  }
}

async function batches(): Promise<void> {
  for (let i = 0; i < CALLS; i++) {
    const answer = await mcp(Array.from({ length: 100 }, (_, at) => call(at)));
    expect(JSON.parse(answer)).toMatchObject({ error: { code: -32600, data: { code: "MS-GW-003" } } });
  }
}

/** Sends frames until the gateway closes, or reads no more; reads nothing. */
async function deafTalkers(frame: (socket: WebSocket) => void): Promise<void> {
  for (let client = 0; client < 10; client++) {
    const socket = new WebSocket(`${gateway.system.base.replace("http", "ws")}/ws`, {
      headers: await gateway.system.headers(),
    });
    socket.on("error", () => undefined);
    sockets.push(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    socket.pause();
    for (let sent = 0; sent < 30_000 && socket.readyState === socket.OPEN; sent++) {
      frame(socket);
      if (sent % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** HTTP/2 pings, answered by the protocol itself. */
async function http2Pings(): Promise<void> {
  const session = connectHttp2(gateway.system.grpcBase);
  session.on("error", () => undefined);
  await new Promise((resolve) => session.once("connect", resolve));
  for (let i = 0; i < 5_000 && !session.destroyed; i++) session.ping(() => undefined);
  await new Promise((resolve) => setImmediate(resolve));
  session.destroy();
}

test(`the process stays below ${LIMIT_MIB} MiB, serves on, and whoever was subscribed still is`, async () => {
  const canary = await openSse(gateway.system, "?text=the%20canary");
  await Promise.all([
    deafReaders(),
    largeLists(),
    batches(),
    deafTalkers((socket) => socket.send("x")),
    deafTalkers((socket) => socket.send('{"type":"ping"}')),
    deafTalkers((socket) => socket.ping()),
    http2Pings(),
  ]);
  const payload = { agent_id: "agent-2", type: "insight", content: "the canary sings", confidence: 0.5 };
  await admin.jetstream().publish("discoveries.agent-2.insight", JSON.stringify(envelope(payload)));
  await until(() => canary.contents.includes("the canary sings"), "the canary");
  const answer = await fetch(`${gateway.system.base}/v1/tasks`, { headers: await gateway.system.headers() });
  expect(answer.status).toBe(200);
  canary.close();
  console.log(`peak ${peakMiB().toFixed(0)} MiB`);
  expect(peakMiB()).toBeLessThan(LIMIT_MIB);
  expect(gateway.output()).not.toMatch(/"level":"(error|fatal)"/);
});
