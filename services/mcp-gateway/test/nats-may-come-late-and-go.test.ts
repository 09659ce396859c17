import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway } from "../src/gateway.ts";
import { createLogger } from "../src/log.ts";
import { openGrpc, openSse, openWebSocket } from "./support/clients.ts";
import { createStreams, freePort, startNats } from "./support/nats-server.ts";
import { configFor, type System, startSystem, until } from "./support/system.ts";
import { createIssuer } from "./support/tokens.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem({ config: { requestTimeoutMs: 500 } });
});
afterAll(() => system?.stop());

const status = async (base: string, path: string): Promise<number> => (await fetch(`${base}${path}`)).status;

test("it starts without NATS: live, not ready, coded refusals; ready when NATS and its streams are there", async () => {
  const port = await freePort();
  const issuer = await createIssuer();
  const nowhere = { url: `nats://127.0.0.1:${port}`, seeds: {} } as Parameters<typeof configFor>[0];
  const config = configFor(nowhere, issuer, { requestTimeoutMs: 300 });
  const gateway = await startGateway(config, createLogger("silent"));
  const base = `http://127.0.0.1:${gateway.httpPort}`;
  expect(await status(base, "/health/live")).toBe(200);
  const ready = await fetch(`${base}/health/ready`);
  expect([ready.status, await ready.json()]).toMatchObject([
    503,
    { ready: false, checks: { nats: "not connected" } },
  ]);
  const headers = { authorization: `Bearer ${await issuer.token()}` };
  for (const path of ["/events", "/v1/discoveries"]) {
    const answer = await fetch(`${base}${path}`, { headers });
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("MS-GW-005")]);
  }
  const nats = await startNats({ port });
  const admin = await nats.admin();
  await until(async () =>
    JSON.stringify(await (await fetch(`${base}/health/ready`)).json()).includes('"nats":"ok"'),
  );
  expect(await status(base, "/health/ready")).toBe(503);
  await createStreams(admin);
  await until(async () => (await status(base, "/health/ready")) === 200, "ready");
  await gateway.close();
  await admin.close();
  await nats.stop();
});

test("NATS is killed and comes back: streams stay open and miss nothing", async () => {
  const first = await system.share("before");
  const clients = [
    await openSse(system, `?after=${first - 1}`),
    await openWebSocket(system, `?after=${first - 1}`),
    await openGrpc(system, { afterSequence: BigInt(first - 1) }),
  ];
  await until(() => clients.every(({ sequences }) => sequences.length === 1), "the first event");
  await system.nats.kill();
  await until(async () => (await status(system.base, "/health/ready")) === 503, "not ready");
  expect(await status(system.base, "/health/live")).toBe(200);
  await expect(system.share("nobody stores this")).rejects.toThrow("MS-GW-005");
  await system.nats.start();
  await until(async () => (await status(system.base, "/health/ready")) === 200, "ready again");
  const last = await system.share("after");
  for (const client of clients) {
    await until(() => client.sequences.includes(last), "the event after");
    expect(client.sequences.at(0)).toBe(first);
    expect(new Set(client.sequences).size).toBe(client.sequences.length);
    client.close();
  }
});

test("a stream that is made anew ends the subscriptions with where to begin", async () => {
  await system.share("old");
  const sse = await openSse(system);
  // The connection of the test before may still be waiting to connect again.
  const admin = await system.nats.admin();
  const manager = await admin.jetstreamManager();
  const { config } = await manager.streams.info("DISCOVERIES");
  await manager.streams.delete("DISCOVERIES");
  await manager.streams.add(config);
  expect(JSON.parse(await sse.ended)).toMatchObject({ error: { code: "MS-GW-005" } });
  await until(async () => (await status(system.base, "/health/ready")) === 200, "ready again");
  const again = await openSse(system);
  const sequence = await system.share("new");
  await until(() => again.sequences.length > 0, "the new event");
  expect(again.sequences).toEqual([sequence]);
  again.close();
  await admin.close();
});
