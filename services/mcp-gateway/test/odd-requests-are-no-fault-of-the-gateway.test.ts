// What scanners and broken clients send is refused with a 4xx and at most a warning; nothing of it is an error of ours.
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "./support/raw-http.ts";
import { type System, startSystem, until } from "./support/system.ts";

let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(async () => {
  await system.share("still here");
  expect(system.logs.filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
  await system.stop();
});

const UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

test.each([
  ["//", "", /^HTTP\/1.1 404 [\s\S]*MS-GW-011/],
  ["//[::1", "", /^HTTP\/1.1 404 [\s\S]*MS-GW-011/],
  ["//:80/x", "", /^HTTP\/1.1 404 [\s\S]*MS-GW-011/],
  ["//", UPGRADE, /^HTTP\/1.1 404 [\s\S]*MS-GW-011/],
  ["//[::1", UPGRADE, /^HTTP\/1.1 404 [\s\S]*MS-GW-011/],
  ["http://[/", "", /^HTTP\/1.1 400 [\s\S]*MS-GW-020/],
  ["http://x:99999/", UPGRADE, /^HTTP\/1.1 400 [\s\S]*MS-GW-020/],
  ["/v1/%ED%A0%BD", "", /^HTTP\/1.1 400 [\s\S]*MS-GW-021/],
])("target %s %s", async (target, headers, expected) => {
  const own = headers === "" ? "Connection: close\r\n" : headers;
  const answer = await rawRequest(
    system.gateway.httpPort,
    `GET ${target} HTTP/1.1\r\nHost: gateway.test\r\n${own}\r\n`,
  );
  expect(answer).toMatch(expected);
});

test.each(["x:99999", "[", "a b", "user@x", "x/y"])("host %s", async (host) => {
  const { authorization } = await system.headers();
  for (const path of ["/mcp", "/v1/discoveries", "/events", "/"]) {
    const answer = await rawRequest(
      system.gateway.httpPort,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 [\s\S]*MS-GW-020/);
  }
});

test.each(["/mcp", "/v1/tasks", "/v1/discoveries"])(
  "%s: a client leaves in the middle of its body",
  async (path) => {
    const { authorization } = await system.headers();
    const before = system.logs.length;
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Length: 100\r\n\r\n{`;
    const socket = connect(system.gateway.httpPort, "127.0.0.1", () =>
      socket.write(head, () => setImmediate(() => socket.resetAndDestroy())),
    );
    socket.on("error", () => undefined);
    const told = () => system.logs.slice(before).filter(({ code }) => code !== undefined);
    await until(() => told().length > 0 || aborted(), "the line or nothing to tell");
    for (const line of told()) expect(line).toMatchObject({ level: "warn", code: "MS-GW-022" });

    function aborted(): boolean {
      return socket.destroyed && system.logs.length > before;
    }
  },
);

test.each([
  ["/mcp", (deep: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":${deep}}}`],
  ["/v1/discoveries", (deep: string) => `{"type":"insight","content":"x","confidence":1,"x":${deep}}`],
  ["/v1/tasks", (deep: string) => `{"prompt":"[[[[","x":${deep}}`],
])("%s: nesting", async (path, body) => {
  const ask = async (depth: number) => {
    const headers = { ...(await system.headers()), accept: "application/json, text/event-stream" };
    const nested = body("[".repeat(depth) + "]".repeat(depth));
    const answer = await fetch(system.base + path, { method: "POST", headers, body: nested });
    return { status: answer.status, text: await answer.text() };
  };
  expect(await ask(200_000)).toMatchObject({
    status: 400,
    text: expect.stringContaining("nested deeper than 64"),
  });
  expect((await ask(60)).text).not.toContain("nested");
});
