import { create, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../src/gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
} from "../src/gen/grpc/reflection/v1/reflection_pb.ts";
import { grpcClient } from "./support/clients.ts";
import { answerControl, reportTask } from "./support/peers.ts";
import { type System, startSystem, until } from "./support/system.ts";

const SERVICE = "mistersmith.v1.GatewayService";
let system: System;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const transport = () => createGrpcTransport({ baseUrl: system.grpcBase });

test("every unary call", async () => {
  answerControl(system.admin);
  const client = await grpcClient(system, { sub: "agent-9" });
  const { sequence } = await client.shareDiscovery({ type: 2, content: "odd", confidence: 0.5, tags: ["a"] });
  expect(sequence).toBeGreaterThan(0n);
  const { taskId } = await client.submitTask({ prompt: "count", timeoutMs: 2000n });
  expect(await client.getTask({ taskId })).toMatchObject({ taskId, state: "queued" });
  const error = { code: "MS-WORK-004", message: "late" };
  await reportTask(system.admin, "result", {
    task_id: taskId,
    outcome: "timed_out",
    agent_id: "agent-1",
    error,
    cost_usd: 0.5,
    duration_ms: 1,
  });
  expect(await client.getTask({ taskId })).toMatchObject({
    state: "timed_out",
    errorCode: error.code,
    costUsd: 0.5,
  });
  expect(await client.getPoolStatus({})).toMatchObject({
    size: 1,
    ready: 1,
    agents: [{ agentId: "agent-1", state: "idle" }],
  });
  await expect(client.shareDiscovery({ content: "x" })).rejects.toMatchObject({ code: 3 });
  await expect(client.getTask({ taskId: crypto.randomUUID() })).rejects.toMatchObject({ code: 5 });
});

test("health: serving, unknown service, and a watcher sees the change", async () => {
  const client = createClient(Health, transport());
  expect((await client.check({})).status).toBe(Status.SERVING);
  expect((await client.check({ service: SERVICE })).status).toBe(Status.SERVING);
  await expect(client.check({ service: "x" })).rejects.toMatchObject({ code: 5 });
  const seen: Status[] = [];
  const abort = new AbortController();
  const watching = (async () => {
    for await (const { status } of client.watch({}, { signal: abort.signal })) seen.push(status);
  })().catch(() => undefined);
  await until(() => seen.length === 1, "the first state");
  await system.nats.kill();
  await until(() => seen.length === 2, "the change");
  await system.nats.start();
  await until(() => seen.length === 3, "the change back");
  expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
  abort.abort();
  await watching;
});

test("reflection: services, files by symbol and by name, and what is not there", async () => {
  const ask = async (messageRequest: ServerReflectionRequest["messageRequest"]) => {
    const requests = (async function* () {
      yield create(ServerReflectionRequestSchema, { messageRequest });
    })();
    for await (const { messageResponse } of createClient(ServerReflection, transport()).serverReflectionInfo(
      requests,
    )) {
      return messageResponse;
    }
  };
  const services = await ask({ case: "listServices", value: "" });
  expect(
    services?.case === "listServicesResponse" && services.value.service.map(({ name }) => name),
  ).toContain(SERVICE);
  for (const request of [
    { case: "fileContainingSymbol", value: `${SERVICE}.ShareDiscovery` },
    { case: "fileContainingSymbol", value: "mistersmith.v1.DiscoveryType" },
    { case: "fileByFilename", value: "mistersmith/v1/gateway.proto" },
  ] as const) {
    const answer = await ask(request);
    const files = answer?.case === "fileDescriptorResponse" ? answer.value.fileDescriptorProto : [];
    const names = files.map((file) => fromBinary(FileDescriptorProtoSchema, file).name);
    expect(names).toEqual(["mistersmith/v1/gateway.proto", "google/protobuf/timestamp.proto"]);
  }
  expect((await ask({ case: "fileContainingSymbol", value: "nowhere.Nothing" }))?.case).toBe("errorResponse");
});
