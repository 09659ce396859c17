import { afterAll, beforeAll, expect, test } from "vitest";
import { openWebSocket } from "./support/clients.ts";
import { type System, startSystem, until } from "./support/system.ts";

const STORED = 30;
const ANSWER_MAX = 300_000;
let system: System;
const stored: number[] = [];
beforeAll(async () => {
  system = await startSystem({ config: { maxCallsPerToken: 2 } });
  for (let i = 0; i < STORED; i++) stored.push(await system.share("x".repeat(60_000)));
});
afterAll(() => system?.stop());

async function list(query: string) {
  const answer = await fetch(`${system.base}/v1/discoveries?${query}`, { headers: await system.headers() });
  const text = await answer.text();
  expect(Buffer.byteLength(text)).toBeLessThan(ANSWER_MAX);
  return JSON.parse(text) as { discoveries: { sequence: number }[]; next_after: number; complete: boolean };
}

test.each(["limit=500", "limit=3", "limit=500&min_confidence=0.1"])(
  "reading on by next_after gives each once: %s",
  async (query) => {
    const seen: number[] = [];
    for (let after = 0, complete = false; !complete; ) {
      const answer = await list(`${query}&after=${after}`);
      seen.push(...answer.discoveries.map(({ sequence }) => sequence));
      ({ next_after: after, complete } = answer);
    }
    expect(seen).toEqual(stored);
  },
);

test("the newest are those that fit, the newest last", async () => {
  const { discoveries, complete, next_after } = await list("limit=500");
  expect(discoveries.map(({ sequence }) => sequence)).toEqual(stored.slice(-discoveries.length));
  expect(discoveries.length).toBeGreaterThan(2);
  expect([complete, next_after]).toEqual([false, stored.at(-1)]);
});

test("a filter that nothing passes says that it looked at everything", async () => {
  expect(await list("after=0&text=nothing")).toEqual({
    discoveries: [],
    next_after: stored.at(-1),
    complete: true,
  });
});

test("calls of one token at the same time are limited, those of another are not", async () => {
  const headers = await system.headers();
  const statuses = async (own: Record<string, string>) =>
    Promise.all(
      Array.from(
        { length: 8 },
        async () => (await fetch(`${system.base}/v1/discoveries`, { headers: own })).status,
      ),
    );
  expect(await statuses(headers)).toContain(429);
  expect((await fetch(`${system.base}/v1/discoveries`, { headers: await system.headers() })).status).toBe(
    200,
  );
});

test("a WebSocket whose frames are all refused is closed", async () => {
  const client = await openWebSocket(system);
  for (let i = 0; i < 200; i++) client.socket.send("x");
  await expect(client.ended).resolves.toMatch(/^1013 MS-GW-006/);
  expect(client.frames.length).toBeLessThan(110);
});

test("pings of a client that reads are answered, with what they carry", async () => {
  const client = await openWebSocket(system);
  const pongs: string[] = [];
  client.socket.on("pong", (data) => pongs.push(String(data)));
  client.socket.ping("a");
  client.socket.send('{"type":"ping"}');
  await until(() => pongs.length === 1 && client.frames.length === 1);
  expect([pongs, client.frames]).toEqual([["a"], [{ type: "pong" }]]);
  client.close();
});
