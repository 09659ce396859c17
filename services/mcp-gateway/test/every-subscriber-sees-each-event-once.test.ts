import { afterAll, beforeAll, expect, test } from "vitest";
import { openGrpc, openSse, openWebSocket, subscribers } from "./support/clients.ts";
import { type System, startSystem, until } from "./support/system.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

test("live events reach every transport once and in order", async () => {
  const clients = [await openSse(system), await openWebSocket(system), await openGrpc(system)];
  await until(async () => (await subscribers(system)) === 3, "three subscribers");
  const shared: number[] = [];
  for (let i = 0; i < 50; i++) shared.push(await system.share(`live ${i}`));
  for (const client of clients) {
    await until(() => client.sequences.length >= shared.length, "all events");
    expect(client.sequences).toEqual(shared);
    client.close();
  }
  await until(async () => (await subscribers(system)) === 0, "nobody is left");
});
