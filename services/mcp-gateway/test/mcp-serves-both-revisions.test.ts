import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerControl, POOL, reportTask } from "./support/peers.ts";
import { type System, startSystem, until } from "./support/system.ts";
import type { TokenOptions } from "./support/tokens.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem();
  answerControl(system.admin);
});
afterAll(() => system?.stop());

async function connect(
  revision: string,
  token: TokenOptions = {},
  headers: Record<string, string> = {},
): Promise<Client> {
  const mode = revision === "2026-07-28" ? { pin: revision } : ("legacy" as const);
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  const { authorization } = await system.headers(token);
  const requestInit = { headers: { authorization: authorization ?? "", ...headers } };
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", system.base), { requestInit }));
  return client;
}

const text = (result: { content?: unknown }): string => (result.content as { text: string }[])[0]?.text ?? "";

describe.each(["2026-07-28", "2025-11-25"])("revision %s", (revision) => {
  test("is the one negotiated, and lists the tools with schemas", async () => {
    const client = await connect(revision);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      "get_task",
      "list_discoveries",
      "pool_status",
      "share_discovery",
      "submit_task",
    ]);
    for (const tool of tools) {
      expect(tool.description?.length).toBeGreaterThan(80);
      expect(tool.outputSchema).toMatchObject({ type: "object" });
    }
    const share = tools.find(({ name }) => name === "share_discovery");
    expect(share?.inputSchema).toMatchObject({ required: ["type", "content", "confidence"] });
    await client.close();
  });

  test("the whole way of a discovery: the agent is the token's, whatever the argument says", async () => {
    const client = await connect(revision, { sub: "agent-5", claims: { role: "reviewer" } });
    const shared = await client.callTool({
      name: "share_discovery",
      arguments: { type: "pattern", content: `by ${revision}`, confidence: 0.7, tags: ["t"] },
    });
    const { sequence } = shared.structuredContent as { sequence: number };
    const forged = await client.callTool({
      name: "share_discovery",
      arguments: { type: "pattern", content: "x", confidence: 1, agent_id: "agent-1" },
    });
    expect([forged.isError, text(forged)]).toEqual([true, expect.stringContaining("MS-GW-003")]);
    const listed = await client.callTool({
      name: "list_discoveries",
      arguments: { agent_ids: ["agent-5"], limit: 1 },
    });
    const expected = { sequence, agent_id: "agent-5", role: "reviewer", content: `by ${revision}` };
    expect((listed.structuredContent as { discoveries: object[] }).discoveries).toMatchObject([expected]);
    const after = await client.callTool({
      name: "list_discoveries",
      arguments: { after: sequence - 1, limit: 1 },
    });
    expect((after.structuredContent as { discoveries: object[] }).discoveries).toMatchObject([expected]);
    const { contents } = await client.readResource({ uri: `discovery://${sequence}` });
    expect(JSON.parse((contents[0] as { text: string }).text)).toMatchObject(expected);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain(`discovery://${sequence}`);
    await expect(client.readResource({ uri: "discovery://99999" })).rejects.toThrow("MS-GW-015");
    await client.close();
  });

  test("the whole way of a task", async () => {
    const client = await connect(revision);
    const call = async (name: string, args: object = {}) =>
      (await client.callTool({ name, arguments: { ...args } })).structuredContent as Record<string, unknown>;
    const { task_id } = (await call("submit_task", { prompt: "count", priority: "low" })) as {
      task_id: string;
    };
    expect(await call("get_task", { task_id })).toMatchObject({ state: "queued", done: false });
    await reportTask(system.admin, "progress", {
      task_id,
      state: "running",
      agent_id: "agent-1",
      worker_id: "worker-1",
    });
    expect(await call("get_task", { task_id })).toMatchObject({ state: "running", worker_id: "worker-1" });
    const result = {
      outcome: "succeeded",
      agent_id: "agent-1",
      result: "42",
      cost_usd: 0.01,
      duration_ms: 5,
    };
    await reportTask(system.admin, "result", { task_id, ...result });
    expect(await call("get_task", { task_id })).toMatchObject({
      state: "succeeded",
      done: true,
      result: "42",
    });
    expect(await call("pool_status")).toEqual(POOL);
    const missing = await client.callTool({ name: "get_task", arguments: { task_id: crypto.randomUUID() } });
    expect([missing.isError, text(missing)]).toEqual([true, expect.stringContaining("MS-GW-004")]);
    await client.close();
  });

  test("a missing scope is told to the model, and nothing is done", async () => {
    const client = await connect(revision, { scope: "discoveries:read" });
    for (const [name, args] of [
      ["share_discovery", { type: "insight", content: "x", confidence: 1 }],
      ["submit_task", { prompt: "x" }],
      ["pool_status", {}],
    ] as const) {
      const result = await client.callTool({ name, arguments: args });
      expect([result.isError, text(result)]).toEqual([true, expect.stringContaining("MS-GW-002")]);
    }
    expect((await client.callTool({ name: "list_discoveries", arguments: {} })).isError).toBeFalsy();
    await client.close();
  });
});

test("revision 2026-07-28 is told of new discoveries", async () => {
  const client = await connect("2026-07-28");
  let told = 0;
  client.setNotificationHandler("notifications/resources/list_changed", () => {
    told += 1;
  });
  await client.listen({ resourcesListChanged: true });
  await system.share("news");
  await until(() => told > 0, "the notification");
  await client.close();
});

test("without a token the client is told so", async () => {
  await expect(connect("2026-07-28", { expiresIn: -5 })).rejects.toThrow();
});
