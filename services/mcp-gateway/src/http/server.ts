// The HTTP port: /mcp, /events, /ws, /v1/..., /health/live, /health/ready, /metrics, and the live page at /.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Authenticate } from "../auth.ts";
import type { Config } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { identify, logRefusal } from "../identify.ts";
import type { ConnectionLimit, RateLimiter } from "../limits.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Operations, Transport } from "../operations.ts";
import type { Readiness } from "../readiness.ts";
import { contextFrom, withContext } from "../trace.ts";
import type { McpEndpoint } from "../transports/mcp.ts";
import { serveRest } from "../transports/rest.ts";
import { serveSse } from "../transports/sse.ts";
import type { WebSocketEndpoint } from "../transports/websocket.ts";
import { refuseUpgrade, sendError, sendJson, sendPage, sendText } from "./answers.ts";
import { checkHostAndOrigin, corsHeaders, targetOf } from "./guards.ts";

/** Longer than the idle time of common load balancers, which otherwise send into a closing connection. */
const KEEP_ALIVE_MS = 65_000;
/** Longest time for a request to arrive. */
const REQUEST_MS = 30_000;
/** Connections beyond the limit that still get an answer saying so. */
const TOLD_CONNECTIONS = 64;

/** What the server needs. */
export interface HttpParts {
  readonly config: Config;
  readonly operations: Operations;
  readonly mcp: McpEndpoint;
  readonly sockets: WebSocketEndpoint;
  readonly authenticate: Authenticate;
  readonly rateLimiter: RateLimiter;
  readonly connections: ConnectionLimit;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: Readiness;
}

/** Connections that came when the limit was reached; their requests are refused with a code. */
const beyondLimit = new WeakSet<Duplex>();

/** Makes the server; the caller listens. */
export function createHttpServer(parts: HttpParts): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS });
  server.on("connection", (socket) => admit(parts, socket));
  server.on("request", (req, res) => {
    res.on("error", () => undefined);
    const context = contextFrom(req.headers.traceparent as string | undefined);
    withContext(context, () => {
      answer(parts, req, res).catch((error) => {
        logRefusal(parts, "http", req.url?.split("?")[0], error);
        sendError(res, error, corsHeaders(req.headers.origin, parts.config));
      });
    });
  });
  server.on("upgrade", (req, socket, head) => {
    socket.on("error", () => socket.destroy());
    withContext(contextFrom(req.headers.traceparent as string | undefined), () => {
      upgrade(parts, req, socket, head).catch((error) => {
        logRefusal(parts, "http", req.url?.split("?")[0], error);
        refuseUpgrade(socket, error);
      });
    });
  });
  return server;
}

function admit({ connections, metrics }: HttpParts, socket: Socket): void {
  const within = connections.enter();
  metrics.connections.inc({ port: "http" });
  socket.once("close", () => {
    connections.leave();
    metrics.connections.dec({ port: "http" });
  });
  if (!within) beyondLimit.add(socket);
  if (connections.open > connections.limit + TOLD_CONNECTIONS) socket.destroy();
}

async function answer(parts: HttpParts, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = targetOf(req.url);
  // Health and metrics are asked by machines under any name, and hold nothing of anybody.
  if (req.method === "GET" && (await answerMachines(parts, url.pathname, res))) return;
  if (beyondLimit.has(req.socket)) throw new GatewayError("MS-GW-012", "");
  checkHostAndOrigin(req.headers, parts.config);
  if (req.method === "OPTIONS") return preflight(parts, req, res);
  if (url.pathname === "/" && req.method === "GET") return sendPage(res);
  const transport = transportOf(url.pathname);
  const call = await identify(parts, req.headers.authorization, transport);
  for (const [name, value] of Object.entries(corsHeaders(req.headers.origin, parts.config))) {
    res.setHeader(name, value);
  }
  if (transport === "mcp") return parts.mcp.serve(call, req, res);
  if (transport === "sse") return serveSse(parts.operations, call, { req, res, url });
  const { status, value } = await serveRest(parts.operations, call, { req, url }, parts.config.maxBodyBytes);
  sendJson(res, status, value);
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
  if (beyondLimit.has(req.socket)) throw new GatewayError("MS-GW-012", "");
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
