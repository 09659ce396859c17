// The gRPC port: HTTP/2 without TLS. Whatever a request is, it ends its own stream at worst.
import {
  constants,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { Socket } from "node:net";
import type { Connections } from "../connections.ts";
import type { Deadlines } from "../deadlines.ts";
import { toGatewayError } from "../errors.ts";
import { errorHeaders } from "../http/answers.ts";
import { checkHostForm, targetOf } from "../http/guards.ts";
import { logRefusal } from "../identify.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { GrpcConnection } from "./grpc-connection.ts";

/** Answers one request; fails when it cannot be answered at all. */
export type GrpcHandler = (req: Http2ServerRequest, res: Http2ServerResponse) => Promise<void>;

/** What the server needs. */
export interface GrpcServerParts {
  readonly logger: Logger;
  readonly deadlines: Deadlines;
  readonly handler: GrpcHandler;
  readonly connections: Connections;
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

/** Streams of one connection at the same time. */
const MAX_STREAMS = 100;
/** How often a drain looks for connections and streams that may go, ms. */
const DRAIN_CHECK_MS = 50;

/** Makes the server; the caller listens. */
export function createGrpcServer(parts: GrpcServerParts): GrpcServer {
  const { connections, deadlines } = parts;
  const server = createServer({ settings: { maxConcurrentStreams: MAX_STREAMS } });
  const sessions = new Map<ServerHttp2Session, GrpcConnection>();
  let arriving: Socket | undefined;
  // Runs before node makes the session of the connection, in the same tick.
  server.prependListener("connection", (socket: Socket) => {
    arriving = socket;
  });
  server.on("session", (session) => {
    const socket = arriving as Socket;
    session.on("error", () => session.destroy());
    // ENHANCE_YOUR_CALM is what gRPC clients read as RESOURCE_EXHAUSTED.
    if (!connections.enter(socket)) session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
    sessions.set(session, new GrpcConnection(session, socket, deadlines));
    session.once("close", () => sessions.delete(session));
  });
  server.on("request", (req, res) => {
    // A stream that is reset says so here, also to requests that nobody reads.
    for (const part of [req, res, req.stream]) part.on("error", () => undefined);
    serve(parts.handler, req, res).catch((error) => refuse(parts, req, res, error));
  });
  return {
    server,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      const since = Date.now();
      for (const session of sessions.keys()) session.close();
      const timer = setInterval(() => {
        for (const connection of sessions.values()) connection.drain(Date.now() - since);
        // Of some the session has ended and the other side has not closed.
        if (Date.now() - since > deadlines.farewell && sessions.size === 0) connections.cut();
      }, DRAIN_CHECK_MS);
      await closed;
      clearInterval(timer);
    },
    terminate: () => connections.cut(),
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
