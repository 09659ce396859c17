/** The gateway's gRPC interface, and the standard health service. */
import { create } from "@bufbuild/protobuf";
import { type Client, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
} from "../../../../services/mcp-gateway/src/gen/grpc/health/v1/health_pb.ts";
import {
  DiscoveryType,
  GatewayService,
} from "../../../../services/mcp-gateway/src/gen/mistersmith/v1/gateway_pb.ts";
import { patient } from "../wait.ts";
import type { SeenEvent, Subscription } from "./event-log.ts";

/** A client that sends the token with every call. */
export function connectGrpc(url: string, token: string): Client<typeof GatewayService> {
  const transport = createGrpcTransport({
    baseUrl: url,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return createClient(GatewayService, transport);
}

/** Subscribes to discoveries. */
export function subscribeGrpc(url: string, token: string, afterSequence?: bigint): Subscription {
  const abort = new AbortController();
  const events: SeenEvent[] = [];
  const stream = connectGrpc(url, token).subscribeDiscoveries(
    afterSequence === undefined ? {} : { afterSequence },
    { signal: abort.signal },
  );
  const ended = (async () => {
    try {
      for await (const { discovery } of stream)
        if (discovery)
          events.push({
            sequence: Number(discovery.sequence),
            content: discovery.content,
            agentId: discovery.agentId,
            type: nameOf(DiscoveryType, discovery.type).toLowerCase(),
            at: Date.now(),
          });
      return "end";
    } catch (error) {
      return ConnectError.from(error).message;
    }
  })();
  return { events, ended, close: () => abort.abort() };
}

/** Answer of the standard health service, for example `SERVING`; `none` when nobody answers in time. */
export async function grpcHealth(url: string, service = "", timeoutMs = patient(3000)): Promise<string> {
  const client = createClient(Health, createGrpcTransport({ baseUrl: url }));
  try {
    const answer = await client.check(create(HealthCheckRequestSchema, { service }), { timeoutMs });
    return nameOf(HealthCheckResponse_ServingStatus, answer.status);
  } catch {
    return "none";
  }
}

function nameOf(values: Readonly<Record<string, number>>, wanted: number): string {
  return Object.entries(values).find(([, value]) => value === wanted)?.[0] ?? String(wanted);
}
