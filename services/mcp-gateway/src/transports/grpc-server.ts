// The gRPC port: HTTP/2 without TLS. Whatever a request is, it ends its own stream at worst.
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import { toGatewayError } from "../errors.ts";
import { errorHeaders } from "../http/answers.ts";
import { checkHostForm, targetOf } from "../http/guards.ts";
import { logRefusal } from "../identify.ts";
import type { ConnectionLimit } from "../limits.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";

/** Answers one request; fails when it cannot be answered at all. */
export type GrpcHandler = (req: Http2ServerRequest, res: Http2ServerResponse) => Promise<void>;

/** What the server needs. */
export interface GrpcServerParts {
  readonly logger: Logger;
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
export function createGrpcServer(parts: GrpcServerParts): GrpcServer {
  const { connections, metrics } = parts;
  const server = createServer();
  server.on("request", (req, res) => {
    // A stream that is reset says so here, also to requests that nobody reads.
    for (const part of [req, res, req.stream]) part.on("error", () => undefined);
    serve(parts.handler, req, res).catch((error) => refuse(parts, req, res, error));
  });
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

async function serve(handler: GrpcHandler, req: Http2ServerRequest, res: Http2ServerResponse): Promise<void> {
  // The adapter makes a URL of both before anything of it can be caught.
  checkHostForm(req.authority);
  targetOf(req.url);
  await handler(req, res);
}

/** Answers as HTTP, which every gRPC client maps to a status; a stream that has begun is reset. */
function refuse(
  parts: GrpcServerParts,
  req: Http2ServerRequest,
  res: Http2ServerResponse,
  error: unknown,
): void {
  const known = toGatewayError(error);
  logRefusal(parts, "grpc", req.url?.split("?")[0], known);
  if (res.headersSent || req.stream.destroyed) return void req.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  const { connection: _, ...headers } = errorHeaders(known);
  res.writeHead(known.mapping.http, {
    "content-type": "application/json",
    "ms-code": known.code,
    ...headers,
  });
  res.end(JSON.stringify({ error: known.body }));
}
