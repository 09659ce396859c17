// Thousands of broken messages to both ports, byte by byte: the gateway serves on and no other stream notices.
// FUZZ_MESSAGES=100000 sends more; FUZZ_SEED=n repeats a run, whose seed is printed.
import { connect as connectSocket } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGrpc, openSse, openWebSocket, type Seen, subscribers } from "./support/clients.ts";
import { type NatsServer, startNatsWithStreams } from "./support/nats-server.ts";
import { buildBundle, type GatewayProcess, startProcess } from "./support/process.ts";
import { call, frameOf } from "./support/raw-grpc.ts";
import { headerBlock, http2Frame, PREFACE } from "./support/raw-http2.ts";
import { until } from "./support/system.ts";
import { createIssuer } from "./support/tokens.ts";

const MESSAGES = Number(process.env.FUZZ_MESSAGES ?? 3_000);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_000);
/** Messages under way at once. */
const AT_ONCE = 32;
/** A server that waits for more is left after this time, ms: its own deadlines have a test of their own. */
const PATIENCE_MS = 150;

let nats: NatsServer;
let gateway: GatewayProcess;
let canaries: Seen[];
let token = "";

beforeAll(async () => {
  buildBundle();
  nats = await startNatsWithStreams();
  gateway = await startProcess(nats, await createIssuer(), { env: { RATE_LIMIT_PER_SECOND: "100000" } });
  token = (await gateway.system.headers()).authorization ?? "";
  canaries = [
    await openSse(gateway.system),
    await openWebSocket(gateway.system),
    await openGrpc(gateway.system),
  ];
  await until(async () => (await subscribers(gateway.system)) === canaries.length, "the canaries");
});
afterAll(async () => {
  for (const canary of canaries ?? []) canary.close();
  gateway?.child.kill("SIGKILL");
  await gateway?.exited;
  await nats?.stop();
});

const junk = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const word = fc.oneof(
  fc.constantFrom(
    "",
    "/",
    "//",
    "/mcp",
    "/ws",
    "/events",
    "/v1/tasks",
    "/v1/discoveries?limit=1",
    "/health/live",
    "*",
  ),
  fc.string({ maxLength: 40 }),
  fc.constantFrom("[", "x:99999", "http://[/", "%ED%A0%BD", "\u0000", "a".repeat(20_000)),
);
const headerValue = fc.oneof(
  word,
  fc.constantFrom("chunked", "-1", "5", "99999999999", "websocket", "Upgrade", "100-continue"),
);
const headerName = fc.constantFrom(
  ...[
    "Host",
    "Content-Length",
    "Transfer-Encoding",
    "Upgrade",
    "Connection",
    "Expect",
    "Origin",
    "Last-Event-ID",
  ],
  ...[
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Authorization",
    "traceparent",
    "Accept",
  ],
  ...["mcp-protocol-version", "content-type"],
);

const http1 = fc
  .record({
    method: fc.constantFrom("GET", "POST", "PUT", "OPTIONS", "CONNECT", "HEAD", "PRI", "get", ""),
    target: word,
    version: fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", ""),
    known: fc.boolean(),
    headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 6 }),
    body: fc.oneof(
      junk,
      word.map((text) => Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"${text}"}`)),
    ),
  })
  .map(({ method, target, version, known, headers, body }) => {
    const lines = known ? [["Host", "x"], ["Authorization", token], ...headers] : headers;
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return Buffer.concat([Buffer.from(`${method} ${target} ${version}\r\n${head}\r\n`, "latin1"), body]);
  });

const webSocket = fc
  .array(
    fc.record({
      first: fc.integer({ min: 0, max: 255 }),
      second: fc.integer({ min: 0, max: 255 }),
      rest: fc.oneof(
        junk,
        fc
          .constantFrom('{"type":"ping"}', '{"type":"subscribe","after":-1}')
          .map((text) => Buffer.from(text)),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((frames) => {
    const upgrade = `GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${"A".repeat(22)}==\r\nAuthorization: ${token}\r\n\r\n`;
    return Buffer.concat([
      Buffer.from(upgrade),
      ...frames.flatMap(({ first, second, rest }) => [Buffer.from([first, second]), rest]),
    ]);
  });

const short = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.constantFrom("[", "x:99999", "", "application/grpc", "trailers", "POST"),
);
const requestHead = fc
  .record({
    authority: short,
    path: fc.constantFrom(
      "/grpc.health.v1.Health/Check",
      "/grpc.health.v1.Health/Watch",
      "/mistersmith.v1.GatewayService/SubmitTask",
      "/mistersmith.v1.GatewayService/SubscribeDiscoveries",
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      "//[",
      "",
    ),
    extra: fc.array(
      fc.tuple(
        fc.constantFrom(
          "te",
          "grpc-timeout",
          "grpc-encoding",
          "host",
          "content-length",
          ":path",
          "X",
          "traceparent",
        ),
        short,
      ),
      { maxLength: 3 },
    ),
    type: fc.constantFrom(
      "application/grpc",
      "application/grpc+json",
      "application/json",
      "application/connect+proto",
      "x",
    ),
  })
  .map(({ authority, path, extra, type }) =>
    headerBlock([
      [":method", "POST"],
      [":scheme", "http"],
      [":authority", authority],
      [":path", path],
      ["content-type", type],
      ...extra,
    ]),
  );
const frame = fc
  .record({
    type: fc.integer({ min: 0, max: 12 }),
    flags: fc.constantFrom(0, 1, 4, 5, 8, 32, 255),
    stream: fc.constantFrom(0, 1, 2, 3, 0x7fffffff),
    payload: fc.oneof(junk, requestHead, junk.map(frameOf)),
  })
  .map(({ type, flags, stream, payload }) => http2Frame(type, flags, stream, payload));
const http2 = fc
  .record({
    known: fc.boolean(),
    head: requestHead,
    message: fc.oneof(junk, junk.map(frameOf)),
    frames: fc.array(frame, { maxLength: 5 }),
  })
  .map(({ known, head, message, frames }) => {
    const opening = [PREFACE, http2Frame(4, 0, 0, Buffer.alloc(0))];
    const request = [http2Frame(1, 4, 1, head), http2Frame(0, 1, 1, message)];
    return Buffer.concat([...opening, ...(known ? request : []), ...frames]);
  });

/** Sends one message and waits for the end; a server that waits for more is left. */
function send(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, "127.0.0.1", () => socket.write(bytes));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
}

test(`${MESSAGES} broken messages (FUZZ_SEED=${SEED})`, async () => {
  console.log(`FUZZ_SEED=${SEED} FUZZ_MESSAGES=${MESSAGES}`);
  const { httpPort, grpcPort, system, child } = gateway;
  const to = (port: number) => (bytes: Buffer) => ({ port, bytes });
  const message = fc.oneof(
    http1.map(to(httpPort)),
    webSocket.map(to(httpPort)),
    http2.map(to(grpcPort)),
    junk.map(to(httpPort)),
    junk.map(to(grpcPort)),
  );
  const messages = fc.sample(message, { seed: SEED, numRuns: MESSAGES });
  for (let at = 0; at < messages.length && child.exitCode === null; at += AT_ONCE) {
    await Promise.all(messages.slice(at, at + AT_ONCE).map(({ port, bytes }) => send(port, bytes)));
  }
  expect(child.exitCode, gateway.output().slice(-2_000)).toBeNull();
  const body = JSON.stringify({ type: "insight", content: "the canary sings", confidence: 1 });
  const init = { method: "POST", headers: await system.headers(), body };
  expect((await fetch(`${system.base}/v1/discoveries`, init)).status).toBe(201);
  for (const canary of canaries)
    await until(() => canary.contents.includes("the canary sings"), "every canary", 10_000);
  expect(await call(system.grpcBase, "/grpc.health.v1.Health/Check", "application/grpc", "")).toMatchObject({
    "grpc-status": "0",
  });
  expect(
    gateway
      .output()
      .split("\n")
      .filter((line) => /"level":"(error|fatal)"/.test(line)),
  ).toEqual([]);
});
