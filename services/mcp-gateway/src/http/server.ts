// The HTTP port: /mcp, /events, /ws, /v1/..., /health/live, /health/ready, /metrics, and the live page at /.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Authenticate } from "../auth.ts";
import type { Config } from "../config.ts";
import type { Connections } from "../connections.ts";
import type { Deadlines } from "../deadlines.ts";
import { GatewayError } from "../errors.ts";
import { identify, logRefusal } from "../identify.ts";
import type { CallLimit, RateLimiter } from "../limits.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Call, Operations, Transport } from "../operations.ts";
import type { Readiness } from "../readiness.ts";
import { contextFrom, withContext } from "../trace.ts";
import type { McpEndpoint } from "../transports/mcp.ts";
import { serveRest } from "../transports/rest.ts";
import { serveSse } from "../transports/sse.ts";
import type { WebSocketEndpoint } from "../transports/websocket.ts";
import { refuseUpgrade, sendError, sendJson, sendPage, sendText } from "./answers.ts";
import { checkHostAndOrigin, corsHeaders, targetOf } from "./guards.ts";
import { InFlight } from "./in-flight.ts";

/** How often node looks for requests that take too long to arrive, ms. */
const CHECK_MS = 1_000;

/** What the server needs. */
export interface HttpParts {
  readonly config: Config;
  readonly operations: Operations;
  readonly mcp: McpEndpoint;
  readonly sockets: WebSocketEndpoint;
  readonly authenticate: Authenticate;
  readonly rateLimiter: RateLimiter;
  readonly calls: CallLimit;
  readonly connections: Connections;
  readonly deadlines: Deadlines;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: Readiness;
}

/** The server, and the ways to end it. */
export interface HttpServer {
  readonly server: Server;
  /** Takes no more requests; resolves when those under way have ended. */
  close(): Promise<void>;
  /** Cuts what is left. */
  terminate(): void;
}

/** Makes the server; the caller listens. */
export function createHttpServer(parts: HttpParts): HttpServer {
  const { connections, deadlines } = parts;
  const inFlight = new InFlight();
  const server = createServer({
    headersTimeout: Math.min(deadlines.head, deadlines.request),
    requestTimeout: deadlines.request,
    keepAliveTimeout: deadlines.keepAlive,
    connectionsCheckingInterval: Math.min(CHECK_MS, deadlines.head),
  });
  // A request under way may take its time; one whose answer nobody reads may not.
  server.setTimeout(deadlines.stall, (socket) => {
    if (inFlight.has(socket) && socket.writableLength === 0) socket.setTimeout(deadlines.stall);
    else socket.destroy();
  });
  server.on("connection", (socket) => connections.enter(socket));
  server.on("request", (req, res) => {
    const turn = inFlight.enter(req, res);
    res.on("error", () => undefined);
    const context = contextFrom(req.headers.traceparent as string | undefined);
    withContext(context, () => {
      turn
        .then(() => answer(parts, req, res))
        .catch((error) => {
          logRefusal(parts, "http", req.url?.split("?")[0], error);
          sendError(res, error, corsHeaders(req.headers.origin, parts.config));
        });
    });
  });
  server.on("upgrade", (req, socket, head) => {
    inFlight.upgraded(socket);
    socket.on("error", () => socket.destroy());
    withContext(contextFrom(req.headers.traceparent as string | undefined), () => {
      upgrade(parts, req, socket, head).catch((error) => {
        logRefusal(parts, "http", req.url?.split("?")[0], error);
        refuseUpgrade(socket, error, deadlines.farewell);
      });
    });
  });
  return {
    server,
    close: () => inFlight.drain(server, connections, deadlines),
    terminate: () => connections.cut(),
  };
}

async function answer(parts: HttpParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = targetOf(req.url);
  // Health and metrics are asked by machines under any name, and hold nothing of anybody.
  if (req.method === "GET" && (await answerMachines(parts, url.pathname, res))) return;
  if (parts.connections.isBeyond(req.socket)) throw new GatewayError("MS-GW-012", "");
  checkHostAndOrigin(req.headers, parts.config);
  if (req.method === "OPTIONS") return preflight(parts, req, res);
  if (url.pathname === "/" && req.method === "GET") return sendPage(res);
  const transport = transportOf(url.pathname);
  const call = await identify(parts, req.headers.authorization, transport);
  for (const [name, value] of Object.entries(corsHeaders(req.headers.origin, parts.config))) {
    res.setHeader(name, value);
  }
  if (transport !== "sse") countCall(parts.calls, call, res);
  if (transport === "mcp") return parts.mcp.serve(call, req, res);
  if (transport === "sse") return serveSse(parts.operations, call, { req, res, url });
  const { status, value } = await serveRest(parts.operations, call, { req, url }, parts.config.maxBodyBytes);
  sendJson(res, status, value);
}

/** Until its answer is read: who reads nothing must not pile answers up. */
function countCall(calls: CallLimit, { caller }: Call, res: ServerResponse): void {
  const leave = calls.enter(caller.tokenId);
  if (res.closed) leave();
  else res.once("close", leave);
}

async function answerMachines(parts: HttpParts, path: string, res: ServerResponse): Promise<boolean> {
  switch (path) {
    case "/health/live":
      sendJson(res, 200, { live: true });
      return true;
    case "/health/ready": {
      const { health } = parts.readiness;
      sendJson(res, health.ready ? 200 : 503, health);
      return true;
    }
    case "/metrics": {
      const { registry } = parts.metrics;
      sendText(res, registry.contentType, await registry.metrics());
      return true;
    }
    default:
      return false;
  }
}

function preflight(parts: HttpParts, req: IncomingMessage, res: ServerResponse): void {
  res.writeHead(204, corsHeaders(req.headers.origin, parts.config));
  res.end();
}

async function upgrade(parts: HttpParts, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  if (parts.connections.isBeyond(req.socket)) throw new GatewayError("MS-GW-012", "");
  checkHostAndOrigin(req.headers, parts.config);
  const url = targetOf(req.url);
  if (url.pathname !== "/ws") throw new GatewayError("MS-GW-011", url.pathname);
  const authorization = req.headers.authorization ?? tokenFromProtocol(req.headers["sec-websocket-protocol"]);
  const call = await identify(parts, authorization, "websocket");
  await parts.sockets.upgrade(call, { req, socket, head, url });
}

/** A browser cannot set headers on a WebSocket: it offers the token as the sub-protocol `bearer.TOKEN`. */
function tokenFromProtocol(header: string | undefined): string | undefined {
  const offered = header?.split(",").map((name) => name.trim());
  const token = offered?.find((name) => name.startsWith("bearer."))?.slice("bearer.".length);
  return token && `Bearer ${token}`;
}

function transportOf(path: string): Transport {
  if (path === "/mcp") return "mcp";
  if (path === "/events") return "sse";
  if (path.startsWith("/v1/")) return "rest";
  throw new GatewayError("MS-GW-011", path);
}
