import { connect as connectHttp2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { envelope } from "../src/envelope.ts";
import { openSse, openWebSocket, subscribers } from "./support/clients.ts";
import { delay, type System, startSystem, until } from "./support/system.ts";

const LIMIT = 20;
const FLOOD = 400;
const BIG = "x".repeat(60_000);
let system: System;
beforeAll(async () => {
  system = await startSystem({ config: { subscriberQueueLimit: LIMIT } });
});
afterAll(() => system?.stop());

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${system.base}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
};

/** Enough to fill what the kernel and node buffer for one connection, and the queue; by the way that other agents take. */
async function flood(): Promise<number> {
  const jetstream = system.admin.jetstream();
  const payload = { agent_id: "agent-2", type: "insight", content: BIG, confidence: 0.5 };
  const send = () => jetstream.publish("discoveries.agent-2.insight", JSON.stringify(envelope(payload)));
  let last = 0;
  for (let i = 0; i < FLOOD; i += 10) {
    const acks = await Promise.all(Array.from({ length: 10 }, send));
    last = Math.max(...acks.map(({ seq }) => seq));
  }
  return last;
}

/** A raw connection that reads nothing until told. */
async function silentClient(request: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(system.gateway.httpPort, "127.0.0.1");
  let text = "";
  socket.write(request);
  await new Promise<void>((resolve) =>
    socket.once("data", (data) => {
      text += data;
      resolve();
    }),
  );
  socket.pause();
  socket.on("data", (data) => {
    text += data;
  });
  socket.pause();
  socket.on("error", () => undefined);
  return { socket, text: () => text };
}

test("the one that does not read is closed with MS-GW-009, the others get everything", async () => {
  const { authorization } = await system.headers();
  const slowSse = await silentClient(
    `GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
  );
  const slowSocket = await openWebSocket(system);
  slowSocket.socket.pause();
  const session = connectHttp2(system.grpcBase);
  const stream = session.request({
    ":method": "POST",
    ":path": "/mistersmith.v1.GatewayService/SubscribeDiscoveries",
    "content-type": "application/grpc",
    authorization: authorization ?? "",
  });
  stream.on("error", () => undefined);
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
  const quick = await openSse(system);
  await until(async () => (await subscribers(system)) === 4, "four subscribers");
  const before = await metric("mcp_gateway_subscribers_closed_slow_total");
  // Who does not read the reason in time is cut off without it, however long the flood goes on.
  const closed = until(
    async () => (await metric("mcp_gateway_subscribers_closed_slow_total")) - before === 3,
    "three closed",
  ).then(() => {
    slowSse.socket.resume();
    slowSocket.socket.resume();
  });
  const [last] = await Promise.all([flood(), closed]);
  await until(() => quick.sequences.at(-1) === last, "the quick one");
  expect(quick.sequences).toEqual(Array.from({ length: FLOOD }, (_, i) => last - FLOOD + 1 + i));
  const toldEnd = () => /event: end\ndata: (.*)\n/.exec(slowSse.text())?.[1];
  await until(() => toldEnd() !== undefined || slowSse.socket.destroyed, "the end");
  const end = toldEnd();
  const told = JSON.parse(end ?? "{}") as { error: { code: string }; after: number };
  expect(told.error.code).toBe("MS-GW-009");
  // What was told to be seen is what was sent, so a resume misses and doubles nothing.
  const ids = [...slowSse.text().matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids.at(-1)).toBe(told.after);
  await expect(slowSocket.ended).resolves.toMatch(/^(4409 MS-GW-009 resume after \d+|1006)/);
  session.destroy();
  quick.close();
});

test("a hundred slow subscribers do not make memory grow with what is published", async () => {
  const { authorization } = await system.headers();
  const request = `GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`;
  const clients = await Promise.all(Array.from({ length: 100 }, () => silentClient(request)));
  await flood();
  const middle = process.memoryUsage().rss;
  await flood();
  await delay(200);
  const grown = (process.memoryUsage().rss - middle) / 1_048_576;
  expect(grown).toBeLessThan(100);
  for (const { socket } of clients) socket.destroy();
});
