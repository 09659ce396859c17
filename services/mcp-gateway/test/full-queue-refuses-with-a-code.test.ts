// C03: what the queue cannot take is refused on every way in; what was answered with an id is there.
import { ConnectError } from "@connectrpc/connect";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { DiscardPolicy } from "nats";
import { afterAll, beforeEach, expect, test } from "vitest";
import { grpcClient } from "./support/clients.ts";
import { streamSize } from "./support/peers.ts";
import { type System, startSystem, until } from "./support/system.ts";

const TASKS = 40;
let system: System | undefined;
beforeEach(async () => {
  await system?.stop();
  system = await startSystem();
});
afterAll(() => system?.stop());

async function limit(limits: { max_bytes?: number; max_msgs?: number }): Promise<System> {
  if (system === undefined) throw new Error("no system");
  const manager = await system.admin.jetstreamManager();
  await manager.streams.update("TASKS", { ...limits, discard: DiscardPolicy.New });
  return system;
}

async function submit({ base, headers }: System) {
  const body = JSON.stringify({ prompt: "x".repeat(1_000) });
  const answer = await fetch(`${base}/v1/tasks`, { method: "POST", headers: await headers(), body });
  const value = (await answer.json()) as { task_id?: string; error?: { code: string } };
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), ...value };
}

test.each([
  ["bytes", { max_bytes: 20_000 }],
  ["messages", { max_msgs: 5 }],
])("a limit in %s: one after the other, and many at once", async (_, limits) => {
  const full = await limit(limits);
  const answers = [];
  for (let i = 0; i < TASKS; i++) answers.push(await submit(full));
  const taken = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(taken.length).toBeGreaterThan(3);
  expect(refused.length).toBeGreaterThan(10);
  for (const answer of refused) {
    expect(answer).toMatchObject({ status: 503, error: { code: "MS-GW-023" } });
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
  }
  expect(await streamSize(full.admin, "TASKS")).toBe(taken.length);
  // A task that was refused is not shown as queued either.
  expect(await streamSize(full.admin, "RESULTS")).toBe(taken.length);
  const rest = await Promise.all(Array.from({ length: TASKS }, () => submit(full)));
  expect(new Set(rest.map(({ error }) => error?.code))).toEqual(new Set(["MS-GW-023"]));
});

test("the queue's own refusal has the code too, when others fill it between the look and the task", async () => {
  const full = await limit({ max_msgs: 5 });
  const answers = await Promise.all(Array.from({ length: TASKS }, () => submit(full)));
  const taken = answers.filter(({ status }) => status === 201).length;
  expect(await streamSize(full.admin, "TASKS")).toBe(taken);
  expect(answers.filter(({ error }) => error?.code === "MS-GW-023")).toHaveLength(TASKS - taken);
});

test("MCP and gRPC say when to try again, and the fill level is a metric", async () => {
  const full = await limit({ max_msgs: 1 });
  expect((await submit(full)).status).toBe(201);
  const { authorization = "" } = await full.headers();
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization } };
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", full.base), { requestInit }));
  const { isError, content } = await client.callTool({ name: "submit_task", arguments: { prompt: "x" } });
  expect([isError, (content as { text: string }[])[0]?.text]).toEqual([
    true,
    expect.stringMatching(/^MS-GW-023 .*try again in \d+ s/),
  ]);
  await client.close();
  const grpc = await grpcClient(full);
  const error = ConnectError.from(await grpc.submitTask({ prompt: "x" }).catch((reason) => reason));
  expect([error.code, error.metadata.get("ms-code")]).toEqual([8, "MS-GW-023"]);
  expect(Number(error.metadata.get("retry-after"))).toBeGreaterThan(0);
  await until(async () => {
    const text = await (await fetch(`${full.base}/metrics`)).text();
    return text.includes('mcp_gateway_queue_fill_ratio{stream="TASKS"} 1\n');
  }, "the fill level");
});
