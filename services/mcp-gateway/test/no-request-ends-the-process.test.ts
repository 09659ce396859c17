// The built bundle as a process: no request ends it, and what ends it tells every stream first.
import { connect as connectHttp2, constants } from "node:http2";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openGrpc, openSse, openWebSocket, type Seen, subscribers } from "./support/clients.ts";
import { type NatsServer, startNatsWithStreams } from "./support/nats-server.ts";
import { buildBundle, type GatewayProcess, startProcess } from "./support/process.ts";
import { call } from "./support/raw-grpc.ts";
import { sendHeaders } from "./support/raw-http2.ts";
import { until } from "./support/system.ts";
import { createIssuer, type Issuer } from "./support/tokens.ts";

const HEALTH = "/grpc.health.v1.Health/Check";
/** Does on a signal what a library does with a bug. */
const FAULTY = `data:text/javascript,${encodeURIComponent(
  'process.on("SIGUSR2", () => Promise.reject(new Error("planted fault of a library")))',
)}`;

let nats: NatsServer;
let issuer: Issuer;
let gateway: GatewayProcess;
let streams: Seen[];

beforeAll(async () => {
  buildBundle();
  nats = await startNatsWithStreams();
  issuer = await createIssuer();
});
afterAll(() => nats?.stop());

beforeEach(async () => {
  gateway = await startProcess(nats, issuer, { nodeOptions: ["--import", FAULTY] });
  const { system } = gateway;
  streams = [await openSse(system), await openWebSocket(system), await openGrpc(system)];
  await until(async () => (await subscribers(system)) === streams.length, "the streams");
});
afterEach(async () => {
  for (const stream of streams) stream.close();
  gateway.child.kill("SIGKILL");
  await gateway.exited;
});

const lines = () =>
  gateway
    .output()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { level: string; code?: string });

test.each(["x:99999", "[", "a b", "x/y", "user@x", ""])("gRPC with :authority %j", async (authority) => {
  const answer = await call(gateway.system.grpcBase, HEALTH, "application/grpc", "", {
    ":authority": authority,
  });
  if (answer.reset === undefined) expect(answer).toMatchObject({ ":status": 400, "ms-code": "MS-GW-020" });
  expect(await call(gateway.system.grpcBase, HEALTH, "application/grpc", "")).toMatchObject({
    "grpc-status": "0",
  });
  expect(gateway.child.exitCode).toBeNull();
  expect(await subscribers(gateway.system)).toBe(streams.length);
  const told = lines().filter(({ code }) => code !== undefined);
  expect(told.map(({ level }) => level)).toEqual(answer.reset === undefined ? ["warn"] : []);
});

test("gRPC without :authority, and a reset of a stream that nobody reads", async () => {
  const session = connectHttp2(gateway.system.grpcBase);
  // A client's library adds what is missing, so this frame is made by hand.
  await sendHeaders(gateway.grpcPort, [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", HEALTH],
    ["content-type", "application/grpc"],
  ]);
  const stream = session.request({ ":method": "POST", ":path": "/nowhere" });
  stream.on("error", () => undefined);
  stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  expect(await call(session, HEALTH, "application/grpc", "")).toMatchObject({ "grpc-status": "0" });
  session.destroy();
  expect(gateway.child.exitCode).toBeNull();
  expect(await subscribers(gateway.system)).toBe(streams.length);
  expect(lines().filter(({ level }) => level === "error" || level === "fatal")).toEqual([]);
});

test("a fault that nobody catches: every stream is told MS-GW-014 within a second, then exit 1", async () => {
  const at = Date.now();
  gateway.child.kill("SIGUSR2");
  const [sse, socket, grpc] = await Promise.all(streams.map(({ ended }) => ended));
  const took = Date.now() - at;
  expect(JSON.parse(sse ?? "").error.code).toBe("MS-GW-014");
  expect(socket).toMatch(/^1011 MS-GW-014/);
  expect(grpc).toContain("MS-GW-014");
  expect(await gateway.exited).toBe(1);
  expect(took).toBeLessThan(3_000);
  expect(lines().filter(({ level }) => level === "fatal")).toMatchObject([{ code: "MS-GW-014" }]);
});
