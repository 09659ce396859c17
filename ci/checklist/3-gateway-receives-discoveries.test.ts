/** Row 3: the whole path, from a task over MCP to a discovery on every kind of subscriber and in Postgres. */
import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import { countOf, type SeenEvent, type Subscription } from "./harness/clients/event-log.ts";
import { subscribeGrpc } from "./harness/clients/grpc.ts";
import { connectOperator, databaseOf, gatewayUrl } from "./harness/clients/index.ts";
import { connectMcp, type McpClient, type McpRevision } from "./harness/clients/mcp.ts";
import { subscribeSse } from "./harness/clients/sse.ts";
import { subscribeWebSocket } from "./harness/clients/websocket.ts";
import { ALL_SCOPES } from "./harness/keys.ts";
import { EVERY_SERVICE, row, verifies } from "./harness/row.ts";
import { until } from "./harness/wait.ts";

const REVISIONS: readonly McpRevision[] = ["2026-07-28", "2025-11-25"];
const SEEN_MS = 30_000;
const RECORDED_MS = 15_000;

row(3, EVERY_SERVICE, ({ system, note }) => {
  /** What the whole path left behind, for the test of the database. */
  let path: { taskId: string; content: string; costUsd: number } | undefined;

  const client = async () => {
    const token = await system().keys.token("client-3", ALL_SCOPES);
    return { token, mcp: await connectMcp(gatewayUrl(system()), token, "2026-07-28") };
  };

  verifies("PATH-1", async () => {
    const { token, mcp } = await client();
    const subscribers = await subscribeAll(token);
    const content = `Every import is slow on Mondays ${randomBytes(6).toString("hex")}`;
    const started = Date.now();
    const taskId = await submitDiscovery(mcp, content);
    for (const [name, subscription] of Object.entries(subscribers)) {
      const seen = await until(`${name} sees the discovery`, SEEN_MS, () => seenIn(subscription, content));
      note(`discovery over ${name} after`, seen.at - started, "ms");
    }
    const done = await until("get_task gives the result", SEEN_MS, async () => {
      const { value } = await mcp.call("get_task", { task_id: taskId });
      return value.state === "succeeded" && value;
    });
    note("task done after", Date.now() - started, "ms");
    note("cost of the task", Number(done.cost_usd), "USD");
    expect(done.result).toBe("looked");
    expect(Number(done.cost_usd)).toBeGreaterThan(0);
    expectOnceEach(subscribers, content);
    path = { taskId, content, costUsd: Number(done.cost_usd) };
    await mcp.close();
  });

  verifies("PATH-2", async () => {
    if (!path) throw new Error("the whole path did not end");
    const { taskId, content, costUsd } = path;
    const database = await databaseOf(system());
    const count = (query: string, value: string) =>
      until(`${query} ${value}`, RECORDED_MS, async () => {
        const rows = await database.rows(query, [value]);
        return rows.length > 0 && rows;
      });
    const discoveries = await count("select * from discoveries where content = $1", content);
    const tasks = await count("select * from tasks where task_id = $1 and finished_at is not null", taskId);
    const costs = await count("select * from cost_ledger where task_id = $1 and final", taskId);
    await database.close();
    note(
      "rows in Postgres: discoveries, tasks, costs",
      [discoveries, tasks, costs].map((rows) => rows.length).join(", "),
    );
    expect([discoveries.length, tasks.length, costs.length]).toEqual([1, 1, 1]);
    expect(Number(costs[0]?.cost_usd)).toBeCloseTo(costUsd, 4);
    note("cost in Postgres", Number(costs[0]?.cost_usd), "USD");
  });

  verifies("PATH-3", async () => {
    const token = await system().keys.token("client-3", ALL_SCOPES);
    const offers = await Promise.all(
      REVISIONS.map(async (revision) => {
        const mcp = await connectMcp(gatewayUrl(system()), token, revision);
        const names = await mcp.toolNames();
        const pool = await mcp.call("pool_status", {});
        await mcp.close();
        return { revision: mcp.revision(), names: names.sort(), size: pool.value.size };
      }),
    );
    note("tools offered", offers[0]?.names.length ?? 0);
    expect(offers.map((offer) => offer.revision)).toEqual(REVISIONS);
    expect(offers[1]?.names).toEqual(offers[0]?.names);
    expect(offers[0]?.names).toEqual(
      expect.arrayContaining(["share_discovery", "submit_task", "get_task", "pool_status"]),
    );
    for (const offer of offers) expect(offer.size).toBeGreaterThan(0);
  });

  verifies("PATH-4", async () => {
    const base = gatewayUrl(system());
    const reader = await system().keys.token("reader-3", ["discoveries:read"]);
    const expired = await system().keys.token("late-3", ALL_SCOPES, -120);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    const codes = {
      "no token": await errorCode(`${base}/mcp`, { method: "POST", body }),
      "unknown token": await errorCode(`${base}/mcp`, { method: "POST", body, headers: bearer("a.b.c") }),
      "expired token": await errorCode(`${base}/events`, { headers: bearer(expired) }),
      "unknown path": await errorCode(`${base}/nowhere`, { headers: bearer(reader) }),
    };
    const texts = Object.entries(codes).map(([what, code]) => `${what} ${code}`);
    note("codes", texts.join(", "));
    expect(codes).toEqual({
      "no token": "401 MS-GW-001",
      "unknown token": "401 MS-GW-001",
      "expired token": "401 MS-GW-001",
      "unknown path": "404 MS-GW-011",
    });
    const malformed = { method: "POST", body: "{not json", headers: mcpHeaders(reader) };
    expect((await fetch(`${base}/mcp`, malformed)).status).toBe(400);
    await expectCallsRefused(base, reader);
    expect(system().container("mcp-gateway").exit).toBeUndefined();
  });

  verifies("PATH-5", async () => {
    const { token, mcp } = await client();
    const operator = await connectOperator(system());
    const contents = [1, 2, 3].map((number) => `resume ${number} ${randomBytes(4).toString("hex")}`);
    for (const content of contents)
      await mcp.call("share_discovery", { type: "insight", content, confidence: 0.5 });
    const stored = (await operator.all("DISCOVERIES")).filter(({ data }) =>
      contents.some((text) => data.includes(text)),
    );
    const first = stored[0]?.sequence ?? 0;
    const subscription = subscribeGrpc(gatewayUrl(system(), "grpc"), token, BigInt(first));
    const late = await until("the resumed subscriber sees the rest", 10_000, () => {
      const seen = subscription.events.filter((event) => contents.includes(event.content));
      return seen.length >= 2 && seen;
    });
    subscription.close();
    note("discoveries after a resume, of 2", late.length);
    expect(late.map((event) => event.content)).toEqual(contents.slice(1));
    await Promise.all([mcp.close(), operator.close()]);
  });

  async function expectCallsRefused(base: string, reader: string): Promise<void> {
    const mcp = await connectMcp(base, reader, "2025-11-25");
    const refused = await mcp
      .call("submit_task", { prompt: "no right" })
      .catch((error: Error) => ({ text: error.message }));
    expect(refused.text).toContain("MS-GW-002");
    await mcp.close();
    const all = await client();
    const wrong = await all.mcp
      .call("share_discovery", { type: "rumour", content: "x", confidence: 2 })
      .catch((error: Error) => ({ isError: true, text: error.message }));
    expect(wrong.isError).toBe(true);
    await all.mcp.close();
  }

  async function subscribeAll(token: string): Promise<Record<string, Subscription>> {
    const base = gatewayUrl(system());
    const [sse, socket] = await Promise.all([
      subscribeSse(base, token, { type: "pattern" }),
      subscribeWebSocket(base, token, { type: "pattern" }),
    ]);
    return { SSE: sse, WebSocket: socket, gRPC: subscribeGrpc(gatewayUrl(system(), "grpc"), token) };
  }
});

/** Submits a task whose CLI shares one discovery; gives its id. */
async function submitDiscovery(mcp: McpClient, content: string): Promise<string> {
  const input = JSON.stringify({ type: "pattern", content, confidence: 0.9, tags: ["import"] });
  const prompt = `Look at the imports. [[tool:share_discovery ${input}]] [[say:looked]]`;
  const submitted = await mcp.call("submit_task", { prompt });
  expect(submitted.isError, submitted.text).toBe(false);
  return String(submitted.value.task_id);
}

function seenIn(subscription: Subscription, content: string): SeenEvent | undefined {
  return subscription.events.find((event) => event.content === content);
}

/** Every subscriber saw it once and under the same sequence number; closes them. */
function expectOnceEach(subscribers: Readonly<Record<string, Subscription>>, content: string): void {
  for (const [name, subscription] of Object.entries(subscribers)) {
    expect(countOf(subscription, content), name).toBe(1);
    subscription.close();
  }
  const sequences = Object.values(subscribers).map((subscription) => seenIn(subscription, content)?.sequence);
  expect(new Set(sequences).size).toBe(1);
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function mcpHeaders(token: string): Record<string, string> {
  return {
    ...bearer(token),
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
}

async function errorCode(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, {
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
  const body = (await response.json().catch(() => ({}))) as { error?: { code?: string } };
  return `${response.status} ${body.error?.code ?? "-"}`;
}
