// What gRPC clients can call: the gateway's service, standard health and reflection.
import { constants, type Http2ServerRequest } from "node:http2";
import {
  type ConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { GatewayService } from "../gen/mistersmith/v1/gateway_pb.ts";
import { type IdentifyParts, identify, logRefusal } from "../identify.ts";
import type { CallLimit } from "../limits.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Call, Operations } from "../operations.ts";
import { contextFrom, withContext } from "../trace.ts";
import { registerGrpcHealth } from "./grpc-health.ts";
import {
  fromShare,
  fromSubmit,
  fromSubscribe,
  toConnectError,
  toDiscovery,
  toPool,
  toTask,
} from "./grpc-mapping.ts";
import { registerGrpcReflection } from "./grpc-reflection.ts";
import type { GrpcHandler } from "./grpc-server.ts";

/** Time for the status to reach a client that does not read; then its stream is reset. */
const FAREWELL_MS = 2_000;

/** What the handler needs. */
export interface GrpcParts extends IdentifyParts {
  readonly operations: Operations;
  readonly calls: CallLimit;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
}

const rawRequest = createContextKey<Http2ServerRequest | undefined>(undefined);

/** Makes the handler of gRPC requests. */
export function createGrpcHandler(parts: GrpcParts): GrpcHandler {
  const adapter = connectNodeAdapter({
    routes: (router) => {
      registerGateway(router, parts);
      registerGrpcHealth(router, parts.readiness);
      registerGrpcReflection(router);
    },
    readMaxBytes: parts.maxBodyBytes,
    contextValues: (req) => createContextValues().set(rawRequest, req as Http2ServerRequest),
  });
  // Async, so that what the adapter throws before its own promise is a rejection like all others.
  return async (req, res) => adapter(req, res);
}

function registerGateway(router: ConnectRouter, parts: GrpcParts): void {
  const { operations } = parts;
  const unary = <T>(context: HandlerContext, body: (call: Call) => Promise<T>, counted = true): Promise<T> =>
    withContext(contextFrom(context.requestHeader.get("traceparent")), async () => {
      try {
        const call = await identify(parts, context.requestHeader.get("authorization"), "grpc").catch(
          (error) => {
            logRefusal(parts, "grpc", new URL(context.url).pathname, error);
            throw error;
          },
        );
        if (counted) countCall(parts.calls, call, context);
        return await body(call);
      } catch (error) {
        throw toConnectError(error);
      }
    });
  router.service(GatewayService, {
    subscribeDiscoveries: async function* (message, context) {
      const { events, ended } = await unary(
        context,
        (call) => operations.subscribe(call, fromSubscribe(message), context.signal),
        false,
      );
      cutWhenEnded(context, ended);
      try {
        for await (const event of events) yield { discovery: toDiscovery(event) };
      } catch (error) {
        throw toConnectError(error);
      }
    },
    shareDiscovery: (message, context) =>
      unary(context, async (call) => ({
        sequence: BigInt(await operations.share(call, fromShare(message))),
      })),
    submitTask: (message, context) =>
      unary(context, async (call) => ({ taskId: await operations.submit(call, fromSubmit(message)) })),
    getTask: ({ taskId }, context) =>
      unary(context, async (call) => toTask(await operations.task(call, taskId))),
    getPoolStatus: (_, context) => unary(context, async (call) => toPool(await operations.poolStatus(call))),
  });
}

function countCall(calls: CallLimit, { caller }: Call, context: HandlerContext): void {
  const leave = calls.enter(caller.tokenId);
  const stream = context.values.get(rawRequest)?.stream;
  if (stream === undefined || stream.closed) leave();
  else stream.once("close", leave);
}

/** A client that does not read never gets to the status of its stream: after a while the stream is reset. */
function cutWhenEnded(context: HandlerContext, ended: AbortSignal): void {
  const stream = context.values.get(rawRequest)?.stream;
  const cut = () => {
    const timer = setTimeout(() => stream?.close(constants.NGHTTP2_ENHANCE_YOUR_CALM), FAREWELL_MS).unref();
    stream?.once("close", () => clearTimeout(timer));
  };
  ended.addEventListener("abort", cut, { once: true });
}
