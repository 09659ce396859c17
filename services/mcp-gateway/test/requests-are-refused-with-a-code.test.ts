import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grpcClient, openSse, openWebSocket } from "./support/clients.ts";
import { delay, type System, startSystem, until } from "./support/system.ts";
import { createIssuer, type TokenOptions } from "./support/tokens.ts";

const MAX_BODY = 4096;
let system: System;
beforeAll(async () => {
  system = await startSystem({
    config: {
      maxBodyBytes: MAX_BODY,
      allowedHosts: ["127.0.0.1", "gateway.test"],
      allowedOrigins: ["https://page.test"],
    },
  });
});
afterAll(async () => {
  // Whatever was sent, the process lives and works.
  await system.share("still here");
  await system.stop();
});

interface Refusal {
  status: number;
  code: string;
  headers: Headers;
}

async function ask(path: string, init: RequestInit = {}): Promise<Refusal> {
  const answer = await fetch(`${system.base}${path}`, init);
  const value = (await answer.json()) as { error?: { code: string; message: string; next: string } };
  if (value.error !== undefined) expect(Object.keys(value.error)).toEqual(["code", "message", "next"]);
  return { status: answer.status, code: value.error?.code ?? "", headers: answer.headers };
}

const badTokens: [string, TokenOptions][] = [
  ["expired", { expiresIn: -10 }],
  ["of another issuer", { issuer: "somebody" }],
  ["for another audience", { audience: "somebody" }],
  ["whose subject is a wildcard", { sub: "*" }],
  ["whose subject has a dot", { sub: "a.b" }],
  ["whose task is no UUID", { claims: { task_id: "x" } }],
];

test.each(badTokens)("a token %s is refused on every way in", async (_, token) => {
  const headers = await system.headers(token);
  for (const path of ["/mcp", "/events", "/v1/pool"]) {
    const refusal = await ask(path, { headers });
    expect(refusal).toMatchObject({ status: 401, code: "MS-GW-001" });
    expect(refusal.headers.get("www-authenticate")).toContain("Bearer");
  }
  await expect(openWebSocket(system, "", token)).rejects.toThrow(/^Error: 401 .*MS-GW-001|MS-GW-001/);
  const client = await grpcClient(system, token);
  const error = ConnectError.from(await client.getPoolStatus({}).catch((reason) => reason));
  expect([error.code, error.metadata.get("ms-code")]).toEqual([16, "MS-GW-001"]);
  const path = "/mistersmith.v1.GatewayService/GetPoolStatus";
  expect(system.logs.at(-1)).toMatchObject({ level: "warn", code: "MS-GW-001", path });
});

test("no token, garbage, another key and no signature are refused", async () => {
  const stranger = await createIssuer();
  const [, claims] = (await system.issuer.token()).split(".");
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.x`;
  for (const authorization of [
    "",
    "Bearer",
    "Bearer a.b.c",
    `Bearer ${await stranger.token()}`,
    `Bearer ${unsigned}`,
  ]) {
    expect(await ask("/v1/pool", { headers: { authorization } })).toMatchObject({
      status: 401,
      code: "MS-GW-001",
    });
  }
  expect(await ask("/v1/pool")).toMatchObject({ status: 401, code: "MS-GW-001" });
});

test.each([
  ["GET", "/events", "discoveries:read"],
  ["GET", "/v1/discoveries", "discoveries:read"],
  ["POST", "/v1/discoveries", "discoveries:write"],
  ["POST", "/v1/tasks", "tasks:write"],
  ["GET", "/v1/tasks", "tasks:read"],
  ["GET", "/v1/tasks/01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47", "tasks:read"],
  ["GET", "/v1/pool", "pool:read"],
  ["GET", "/v1/workers", "pool:read"],
])("%s %s without its scope is refused and the scope is named", async (method, path, scope) => {
  const body = JSON.stringify({ type: "insight", content: "x", confidence: 1, prompt: "x" });
  const headers = await system.headers({ scope: "cost:read" });
  const refusal = await ask(path, { method, headers, ...(method === "POST" && { body }) });
  expect(refusal).toMatchObject({ status: 403, code: "MS-GW-002" });
  expect(refusal.headers.get("www-authenticate")).toContain(`insufficient_scope", scope="${scope}"`);
});

test("bad arguments, paths and bodies", async () => {
  const headers = await system.headers();
  const post = (path: string, body: string) => ask(path, { method: "POST", headers, body });
  expect(await post("/v1/discoveries", "{")).toMatchObject({ status: 400, code: "MS-GW-003" });
  expect(await post("/v1/discoveries", '{"type":"rumour"}')).toMatchObject({
    status: 400,
    code: "MS-GW-003",
  });
  expect(await post("/v1/tasks", '{"prompt":""}')).toMatchObject({ status: 400, code: "MS-GW-003" });
  expect(await ask("/v1/tasks/x", { headers })).toMatchObject({ status: 400, code: "MS-GW-003" });
  expect(await ask("/v1/tasks/01980f2e-7c1a-7b3e-9d52-3a8f6c1e0b47", { headers })).toMatchObject({
    status: 404,
    code: "MS-GW-004",
  });
  expect(await ask("/events?type=rumour", { headers })).toMatchObject({ status: 400, code: "MS-GW-003" });
  expect(await ask("/events", { headers: { ...headers, "last-event-id": "x" } })).toMatchObject({
    status: 400,
    code: "MS-GW-003",
  });
  expect(await ask("/nowhere", { headers })).toMatchObject({ status: 404, code: "MS-GW-011" });
  expect(await ask("/v1/nowhere", { headers })).toMatchObject({ status: 404, code: "MS-GW-011" });
  const large = JSON.stringify({ prompt: "x".repeat(MAX_BODY) });
  expect(await post("/v1/tasks", large)).toMatchObject({ status: 413, code: "MS-GW-008" });
  expect(await post("/mcp", large)).toMatchObject({ status: 413, code: "MS-GW-008" });
  expect(await ask("/v1/pool", { headers })).toMatchObject({ status: 503, code: "MS-GW-013" });
});

test("what is too large closes a WebSocket and fails a gRPC call", async () => {
  const client = await openWebSocket(system);
  client.socket.send("x".repeat(MAX_BODY + 1));
  await expect(client.ended).resolves.toMatch(/^1009/);
  const grpc = await grpcClient(system);
  const error = ConnectError.from(
    await grpc.submitTask({ prompt: "x".repeat(MAX_BODY) }).catch((reason) => reason),
  );
  expect(error.code).toBe(8);
});

test("malformed MCP messages get JSON-RPC errors with a code", async () => {
  const headers = { ...(await system.headers()), accept: "application/json, text/event-stream" };
  for (const [body, code] of [
    ["{", -32700],
    ["[]", -32600],
    ['{"method":"tools/list"}', -32600],
    ['"x"', -32600],
  ] as const) {
    const answer = await fetch(`${system.base}/mcp`, { method: "POST", headers, body });
    const value = (await answer.json()) as { error: { code: number; data: { code: string } } };
    expect([answer.status, value.error.code, value.error.data.code]).toEqual([400, code, "MS-GW-003"]);
  }
});

test("Host and Origin: only those that are allowed, and the page's own", async () => {
  const headers = await system.headers();
  const port = system.gateway.httpPort;
  const origin = (value: string) => ask("/v1/discoveries", { headers: { ...headers, origin: value } });
  expect(await origin("https://evil.test")).toMatchObject({ status: 403, code: "MS-GW-007" });
  expect(await origin("null")).toMatchObject({ status: 403, code: "MS-GW-007" });
  expect((await origin(`http://127.0.0.1:${port}`)).status).toBe(200);
  const allowed = await origin("https://page.test");
  expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([
    200,
    "https://page.test",
  ]);
  const response = await rawRequest(
    port,
    "GET /v1/pool HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
  );
  expect(response).toMatch(/^HTTP\/1.1 403 [\s\S]*MS-GW-007/);
  const health = await rawRequest(
    port,
    "GET /health/live HTTP/1.1\r\nHost: 10.0.0.7\r\nConnection: close\r\n\r\n",
  );
  expect(health).toMatch(/^HTTP\/1.1 200 /);
});

test("a stream ends with MS-GW-001 when its token expires", async () => {
  // Whole seconds, counted from the last full one: long enough to be still good when it arrives.
  const client = await openSse(system, "", { token: { expiresIn: 4 } });
  expect(JSON.parse(await client.ended)).toMatchObject({ error: { code: "MS-GW-001" } });
});

test("too many requests of one token, and too many connections", async () => {
  const limited = await startSystem({ config: { rateLimitPerSecond: 2, maxConnections: 3 } });
  try {
    const headers = await limited.headers();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const answer = await fetch(`${limited.base}/v1/discoveries`, { headers });
      statuses.push(answer.status);
      if (answer.status === 429) expect(answer.headers.get("retry-after")).toBe("1");
      await answer.arrayBuffer();
    }
    expect(statuses.slice(0, 4)).toEqual([200, 200, 200, 200]);
    expect(statuses).toContain(429);
    expect((await fetch(`${limited.base}/v1/discoveries`, { headers: await limited.headers() })).status).toBe(
      200,
    );
    const streams = [await openSse(limited), await openSse(limited), await openSse(limited)];
    await expect(openSse(limited)).rejects.toThrow("MS-GW-012");
    for (const stream of streams) stream.close();
    await until(async () => {
      const answer = await fetch(`${limited.base}/v1/discoveries`, { headers: await limited.headers() });
      await answer.arrayBuffer();
      await delay(50);
      return answer.status === 200;
    }, "room again");
  } finally {
    await limited.stop();
  }
});

async function rawRequest(port: number, request: string): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.on("data", (data) => {
      text += data;
    });
    socket.on("end", () => resolve(text));
    socket.on("error", reject);
  });
}
