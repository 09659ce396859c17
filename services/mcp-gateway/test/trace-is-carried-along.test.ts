import { afterAll, beforeAll, expect, test } from "vitest";
import { grpcClient } from "./support/clients.ts";
import { answerControl } from "./support/peers.ts";
import { type System, startSystem } from "./support/system.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

async function headerOf(stream: string, subject: string): Promise<string> {
  const manager = await system.admin.jetstreamManager();
  return (await manager.streams.getMessage(stream, { last_by_subj: subject })).header.get("traceparent");
}

const linesOf = (trace: string) => system.logs.filter((line) => line.trace_id === trace);

test("HTTP: the caller's trace reaches NATS and every log line of the request", async () => {
  const traces = answerControl(system.admin);
  const claims = { task_id: "01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47", role: "generalist" };
  const headers = { ...(await system.headers({ claims })), traceparent };
  const post = (path: string, body: object) =>
    fetch(`${system.base}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  await post("/v1/discoveries", { type: "insight", content: "x", confidence: 1 });
  const answer = await post("/v1/tasks", { prompt: "x" });
  const { task_id } = (await answer.json()) as { task_id: string };
  await fetch(`${system.base}/v1/pool`, { headers });
  const carried = [
    await headerOf("DISCOVERIES", "discoveries.agent-1.insight"),
    await headerOf("RESULTS", `tasks.${task_id}.progress`),
    await headerOf("TASKS", "tasks.queue.normal"),
    ...traces,
  ];
  expect(carried).toHaveLength(4);
  for (const header of carried) {
    expect(header).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(header).not.toBe(traceparent);
  }
  expect(linesOf(TRACE).map(({ operation }) => operation)).toEqual([
    "share_discovery",
    "submit_task",
    "pool_status",
  ]);
  expect(linesOf(TRACE)[0]).toMatchObject({
    agent_id: "agent-1",
    task_id: claims.task_id,
    service: "mcp-gateway",
  });
  expect(linesOf(TRACE)[1]).toMatchObject({ task_id });
});

test("gRPC: metadata as well", async () => {
  const trace = TRACE.replace("0a", "0b");
  const client = await grpcClient(
    system,
    { sub: "agent-2" },
    { traceparent: traceparent.replace(TRACE, trace) },
  );
  await client.shareDiscovery({ type: 6, content: "x", confidence: 1 });
  expect(await headerOf("DISCOVERIES", "discoveries.agent-2.insight")).toContain(trace);
  expect(linesOf(trace)).toHaveLength(1);
});

test.each(["", "garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01", `${traceparent}x`])(
  "a missing or malformed header %j begins a new trace",
  async (header) => {
    const headers = { ...(await system.headers({ sub: "agent-3" })), ...(header && { traceparent: header }) };
    const body = JSON.stringify({ type: "insight", content: "x", confidence: 1 });
    await fetch(`${system.base}/v1/discoveries`, { method: "POST", headers, body });
    const carried = await headerOf("DISCOVERIES", "discoveries.agent-3.insight");
    expect(carried).toMatch(/^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(carried).not.toContain(TRACE);
  },
);

test("no log line holds a token, and every line is complete", async () => {
  const token = await system.issuer.token();
  await fetch(`${system.base}/v1/pool?token=${token}`, { headers: { authorization: `Bearer ${token}` } });
  await fetch(`${system.base}/nowhere?token=${token}`, { headers: { authorization: `Bearer ${token}x` } });
  expect(JSON.stringify(system.logs)).not.toContain(token.split(".")[2]);
  for (const line of system.logs) {
    expect(line).toMatchObject({
      service: "mcp-gateway",
      msg: expect.any(String),
      level: expect.stringMatching(/^[a-z]+$/),
    });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
});
