// The gRPC port: HTTP/2 without TLS.
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { ConnectionLimit } from "../limits.ts";
import type { Metrics } from "../metrics.ts";

/** Answers one request. */
export type GrpcHandler = (req: Http2ServerRequest, res: Http2ServerResponse) => void;

/** What the server needs. */
export interface GrpcServerParts {
  readonly handler: GrpcHandler;
  readonly connections: ConnectionLimit;
  readonly metrics: Metrics;
}

/** The server, and the ways to end it. */
export interface GrpcServer {
  readonly server: Http2Server;
  /** Takes no more calls; resolves when those under way have ended. */
  close(): Promise<void>;
  /** Cuts what is left. */
  terminate(): void;
}

/** Makes the server; the caller listens. */
export function createGrpcServer({ handler, connections, metrics }: GrpcServerParts): GrpcServer {
  const server = createServer(handler);
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    const within = connections.enter();
    metrics.connections.inc({ port: "grpc" });
    sessions.add(session);
    session.once("close", () => {
      sessions.delete(session);
      connections.leave();
      metrics.connections.dec({ port: "grpc" });
    });
    session.on("error", () => session.destroy());
    // ENHANCE_YOUR_CALM is what gRPC clients read as RESOURCE_EXHAUSTED.
    if (!within) session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
  return {
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.close();
      }),
    terminate: () => {
      for (const session of sessions) session.destroy();
    },
  };
}
