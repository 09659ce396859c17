// C01: a text that another service cannot read is refused where it comes in, on every way in, naming the field.
import { readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDiscovery } from "../src/discoveries/event.ts";
import { readMessage } from "../src/input.ts";
import { parseTaskMessage } from "../src/tasks.ts";
import { openWebSocket } from "./support/clients.ts";
import { streamSize } from "./support/peers.ts";
import { type System, startSystem, until } from "./support/system.ts";

const HALF = "cut here \\ud83d";
const contracts = new URL("../../contracts/", import.meta.url);
const golden: {
  json: { name: string; json: string; valid: boolean }[];
  bytes: { name: string; hex: string; valid: boolean }[];
} = JSON.parse(readFileSync(new URL("unicode.json", contracts), "utf8"));

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const post = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
  const answer = await fetch(system.base + path, { method: "POST", headers: await system.headers(), body });
  const { error } = (await answer.json()) as { error?: { code: string; message: string } };
  return { status: answer.status, code: error?.code, message: error?.message };
};

test.each([
  ...golden.json.map(({ name, json, valid }) => ({ name, bytes: Buffer.from(json), valid })),
  ...golden.bytes.map(({ name, hex, valid }) => ({ name, bytes: Buffer.from(hex, "hex"), valid })),
])("golden text: $name", ({ bytes, valid }) => {
  const read = () => readMessage(bytes);
  if (valid) expect(read).not.toThrow();
  else expect(read).toThrow("MS-GW-021");
});

test.each([
  ["/v1/tasks", `{"prompt":"${HALF}"}`, "prompt"],
  ["/v1/discoveries", `{"type":"insight","content":"${HALF}","confidence":1}`, "content"],
  ["/v1/discoveries", `{"type":"insight","content":"x","confidence":1,"tags":["a","${HALF}"]}`, "tags.1"],
])("REST %s: %s", async (path, body, field) => {
  const refusal = await post(path, body);
  expect(refusal).toMatchObject({ status: 400, code: "MS-GW-021" });
  expect(refusal.message).toContain(`: ${field} `);
  expect(await streamSize(system.admin, "TASKS")).toBe(0);
  expect(await streamSize(system.admin, "DISCOVERIES")).toBe(0);
});

test("REST: bytes that are not UTF-8 are refused, and not stored as something else", async () => {
  const body = Buffer.concat([Buffer.from('{"prompt":"f'), Buffer.from([0xfc]), Buffer.from('r"}')]);
  expect(await post("/v1/tasks", body)).toMatchObject({ status: 400, code: "MS-GW-021" });
  expect(await streamSize(system.admin, "RESULTS")).toBe(0);
});

test("MCP: the model is told the field", async () => {
  const { authorization = "" } = await system.headers();
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization } };
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", system.base), { requestInit }));
  const half = "cut here \ud83d";
  for (const [name, args, field] of [
    ["submit_task", { prompt: half }, "prompt"],
    ["share_discovery", { type: "insight", content: half, confidence: 1 }, "content"],
    ["list_discoveries", { text: half }, "text"],
  ] as const) {
    const { isError, content } = await client.callTool({ name, arguments: args });
    expect([isError, (content as { text: string }[])[0]?.text]).toEqual([
      true,
      expect.stringMatching(new RegExp(`^MS-GW-021 .*: ${field} `)),
    ]);
  }
  await client.close();
});

test("gRPC: as JSON and as bytes", async () => {
  const { call } = await import("./support/raw-grpc.ts");
  const { authorization = "" } = await system.headers();
  const path = "/mistersmith.v1.GatewayService/SubmitTask";
  const json = await call(system.grpcBase, path, "application/grpc+json", `{"prompt":"${HALF}"}`, {
    authorization,
  });
  // The protobuf library refuses both before the gateway sees a message.
  expect(json["grpc-status"]).toBe("3");
  expect(decodeURIComponent(String(json["grpc-message"]))).toContain("prompt");
  const bytes = Buffer.from([0x0a, 0x03, 0xed, 0xa0, 0xbd]);
  const refused = await call(system.grpcBase, path, "application/grpc", bytes, { authorization });
  expect(refused["grpc-status"]).not.toBe("0");
  expect(await streamSize(system.admin, "TASKS")).toBe(0);
});

test("filters of server-sent events and WebSocket", async () => {
  const headers = await system.headers();
  const answer = await fetch(`${system.base}/events?text=%ED%A0%BD`, { headers });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringMatching(/MS-GW-021.*: text /)]);
  await expect(openWebSocket(system, "?role=a%FF")).rejects.toThrow(/400 .*MS-GW-021.*: role /);
  const client = await openWebSocket(system);
  client.socket.send(`{"type":"subscribe","filter":{"text":"${HALF}"}}`);
  client.socket.send(Buffer.from([0xed, 0xa0, 0xbd]));
  await until(() => client.frames.length === 2, "two refusals");
  expect(client.frames).toMatchObject([
    { type: "error", error: { code: "MS-GW-021", message: expect.stringContaining(": filter.text ") } },
    { type: "error", error: { code: "MS-GW-021", message: expect.stringContaining(": the frame ") } },
  ]);
  client.close();
});

test("what lies in a stream already and no other service can read is left out", () => {
  const example = (name: string) => readFileSync(new URL(`examples/${name}.valid.json`, contracts), "utf8");
  const broken = (name: string) =>
    Buffer.from(example(name).replace(/("(content|state)": ?)"[^"]*/, '$1"\\ud83d'));
  expect(broken("discovery").toString()).toContain("\\ud83d");
  expect(parseDiscovery(1, broken("discovery"))).toBeUndefined();
  expect(parseTaskMessage("tasks.x.progress", broken("task-progress"))).toBeUndefined();
});
