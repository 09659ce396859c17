// The gateway as a whole: its parts put together, started, and closed in order.
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createAuthenticate } from "./auth.ts";
import type { Config } from "./config.ts";
import { Connections } from "./connections.ts";
import { DEADLINES, type Deadlines } from "./deadlines.ts";
import { DiscoveryBus } from "./discoveries/bus.ts";
import { Feed } from "./discoveries/feed.ts";
import { DiscoveryStore } from "./discoveries/store.ts";
import type { GatewayCode } from "./errors.ts";
import { createHttpServer } from "./http/server.ts";
import { invalidReporter } from "./invalid.ts";
import { CallLimit, RateLimiter } from "./limits.ts";
import type { Logger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { Nats } from "./nats.ts";
import { Operations } from "./operations.ts";
import { Pool } from "./pool.ts";
import { Readiness } from "./readiness.ts";
import { TaskStore } from "./tasks.ts";
import { createGrpcServer } from "./transports/grpc-server.ts";
import { createLazyGrpc, createLazyMcp } from "./transports/lazy.ts";
import { WebSocketEndpoint } from "./transports/websocket.ts";

/** A running gateway. */
export interface Gateway {
  /** Ports that it listens on; they differ from the configuration's where that says 0. */
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Stops taking requests, tells every stream the code, finishes what is under way, drains NATS. */
  close(code?: GatewayCode): Promise<void>;
  /** Cuts what `close` still waits for. */
  terminate(): void;
}

/** Starts listening at once; NATS may come later. */
export async function startGateway(
  config: Config,
  logger: Logger,
  deadlines: Deadlines = DEADLINES,
): Promise<Gateway> {
  const parts = assemble(config, logger, deadlines);
  const { http, grpc, sockets, mcp, bus, feed, nats, readiness } = parts;
  const stop = new AbortController();
  void feed.run(stop.signal);
  void readiness.run(stop.signal);
  const httpPort = await listen(http.server, config.httpPort);
  const grpcPort = await listen(grpc.server, config.grpcPort);
  logger.info({ http_port: httpPort, grpc_port: grpcPort }, "listening");
  return {
    httpPort,
    grpcPort,
    close: async (code = "MS-GW-010") => {
      readiness.drain();
      const httpClosed = http.close();
      const grpcClosed = grpc.close();
      bus.close(code);
      sockets.close(code);
      await mcp.close();
      await Promise.all([httpClosed, grpcClosed]);
      stop.abort();
      await nats.drain();
    },
    terminate: () => {
      http.terminate();
      grpc.terminate();
    },
  };
}

function assemble(config: Config, logger: Logger, deadlines: Deadlines) {
  const metrics = createMetrics();
  const { natsUrl: url, natsNkeySeed: seed, requestTimeoutMs, maxBodyBytes } = config;
  const nats = new Nats({ url, seed, requestTimeoutMs, logger });
  const store = new DiscoveryStore(nats, metrics);
  const bus = new DiscoveryBus(store, metrics, config.subscriberQueueLimit);
  const feed = new Feed({ nats, store, bus, logger });
  const readiness = new Readiness(nats, feed, metrics);
  const reportInvalid = invalidReporter(metrics, logger);
  const tasks = new TaskStore(nats, reportInvalid);
  const pool = new Pool(nats, reportInvalid);
  const operations = new Operations({ store, bus, tasks, pool, metrics, logger });
  const authenticate = createAuthenticate(config.publicKeys);
  const rateLimiter = new RateLimiter(config.rateLimitPerSecond);
  const limits = { limit: config.maxConnections, perAddress: config.maxConnectionsPerAddress, metrics };
  const connections = new Connections({ ...limits, port: "http" });
  const calls = new CallLimit(config.maxCallsPerToken);
  const shared = { operations, authenticate, rateLimiter, calls, metrics, readiness };
  const mcp = createLazyMcp({ operations, bus, maxBodyBytes, logger });
  const sockets = new WebSocketEndpoint(operations, rateLimiter, maxBodyBytes);
  const http = createHttpServer({ ...shared, config, mcp, sockets, connections, deadlines, logger });
  const handler = createLazyGrpc({ ...shared, logger, maxBodyBytes });
  const grpc = createGrpcServer({
    handler,
    connections: new Connections({ ...limits, port: "grpc" }),
    deadlines,
    metrics,
    logger,
  });
  return { http, grpc, sockets, mcp, bus, feed, nats, readiness };
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
