import { afterAll, beforeAll, expect, test } from "vitest";
import { DiscoveryType } from "../src/gen/mistersmith/v1/gateway_pb.ts";
import { openGrpc, openSse, openWebSocket } from "./support/clients.ts";
import { type System, startSystem, until } from "./support/system.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

test("clients that resume while events go on get each one once, on every transport", async () => {
  const shared: number[] = [];
  for (let i = 0; i < 150; i++) shared.push(await system.share(`stored ${i}`));
  let publishing = true;
  const more = (async () => {
    for (let i = 0; i < 200 && publishing; i++) shared.push(await system.share(`during ${i}`));
  })();
  const after = shared[9] ?? 0;
  const clients = await Promise.all([
    openSse(system, "", { lastEventId: after }),
    openSse(system, `?after=${after}`),
    openWebSocket(system, `?after=${after}`),
    openGrpc(system, { afterSequence: BigInt(after) }),
  ]);
  await until(() => clients.every(({ sequences }) => sequences.length > 140), "the stored part");
  publishing = false;
  await more;
  const expected = shared.slice(10);
  for (const client of clients) {
    await until(() => client.sequences.length >= expected.length, "all events");
    expect(client.sequences).toEqual(expected);
    client.close();
  }
});

test("a position beyond the stream's end begins at the end", async () => {
  const sse = await openSse(system, "?after=999999");
  await new Promise((resolve) => setTimeout(resolve, 200));
  const next = await system.share("next");
  await until(() => sse.sequences.length > 0, "the next event");
  expect(sse.sequences).toEqual([next]);
  sse.close();
});

test("the filter holds for stored and for live events alike", async () => {
  const before = await system.share("Needle stored", { sub: "agent-7", type: "anomaly", confidence: 0.9 });
  const query = `?after=${before - 1}&agent=agent-7,agent-8&type=anomaly&min_confidence=0.8&text=needle`;
  const filter = {
    agentIds: ["agent-7", "agent-8"],
    types: [DiscoveryType.ANOMALY],
    minConfidence: 0.8,
    text: "NEEDLE",
  };
  const clients = [
    await openSse(system, query),
    await openWebSocket(system, query),
    await openGrpc(system, { filter, afterSequence: BigInt(before - 1) }),
  ];
  await system.share("needle, wrong agent", { type: "anomaly", confidence: 0.9 });
  await system.share("needle, wrong type", { sub: "agent-7", type: "insight", confidence: 0.9 });
  await system.share("needle, unsure", { sub: "agent-7", type: "anomaly", confidence: 0.1 });
  await system.share("hay", { sub: "agent-7", type: "anomaly", confidence: 0.9 });
  const last = await system.share("live NEEDLE", { sub: "agent-8", type: "anomaly", confidence: 0.8 });
  for (const client of clients) {
    await until(() => client.sequences.includes(last), "the live event");
    expect(client.sequences).toEqual([before, last]);
    client.close();
  }
});

test("a subscribe frame replaces the subscription; a wrong frame is told and changes nothing", async () => {
  const client = await openWebSocket(system);
  client.socket.send('{"type":"ping"}');
  client.socket.send("{");
  client.socket.send('{"type":"subscribe","filter":{"types":["rumour"]}}');
  await until(() => client.frames.length === 3, "three answers");
  expect(client.frames.map(({ type }) => type).sort()).toEqual(["error", "error", "pong"]);
  client.socket.send('{"type":"subscribe","filter":{"text":"wanted"}}');
  await until(() => client.frames.some(({ type }) => type === "subscribed"), "the subscription");
  await system.share("other");
  const wanted = await system.share("wanted");
  await until(() => client.sequences.length > 0, "the event");
  expect(client.sequences).toEqual([wanted]);
  client.close();
});
