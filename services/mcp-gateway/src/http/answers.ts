// How the HTTP port answers: JSON, text, and errors by their code.
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { page } from "../assets.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { parseJson } from "../input.ts";

type Headers = Record<string, string>;

/** How many times the limit is read and thrown away before the connection is cut. */
const TOLERATED_EXCESS = 4;

const SECURITY_HEADERS = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** Sends a JSON value. */
export function sendJson(res: ServerResponse, status: number, value: object, headers: Headers = {}): void {
  const text = JSON.stringify(value);
  const own = { "content-type": "application/json", "cache-control": "no-store", ...SECURITY_HEADERS };
  res.writeHead(status, { ...own, "content-length": Buffer.byteLength(text), ...headers });
  res.end(text);
}

/** Sends a text. */
export function sendText(res: ServerResponse, type: string, text: string, headers: Headers = {}): void {
  res.writeHead(200, { "content-type": type, ...SECURITY_HEADERS, ...headers });
  res.end(text);
}

/** Sends the live page; its own script and style are the only ones that may run. */
export function sendPage(res: ServerResponse): void {
  sendText(res, "text/html; charset=utf-8", page, { "content-security-policy": contentSecurityPolicy() });
}

/** Sends an error; a stream that has begun is cut, for its own error was sent in its own form. */
export function sendError(res: ServerResponse, error: unknown, headers: Headers = {}): void {
  if (res.headersSent) return void res.destroy();
  const known = toGatewayError(error);
  sendJson(res, known.mapping.http, { error: known.body }, { ...errorHeaders(known), ...headers });
}

/** Answers an upgrade that is refused; a client that does not close its side as well is cut after `farewellMs`. */
export function refuseUpgrade(socket: Duplex, error: unknown, farewellMs: number): void {
  const known = toGatewayError(error);
  const body = JSON.stringify({ error: known.body });
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
    ...errorHeaders(known),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${known.mapping.http} Refused\r\n${lines.join("")}\r\n${body}`);
  // What still comes is thrown away, so that the end is seen.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), farewellMs);
  socket.once("close", () => clearTimeout(timer));
}

/** Headers that belong to an error. */
export function errorHeaders({ code, extras }: GatewayError): Headers {
  switch (code) {
    case "MS-GW-001":
      return { "www-authenticate": 'Bearer realm="mistersmith", error="invalid_token"' };
    case "MS-GW-002":
      return {
        "www-authenticate": `Bearer realm="mistersmith", error="insufficient_scope", scope="${extras.scope ?? ""}"`,
      };
    case "MS-GW-006":
    case "MS-GW-023":
      return { "retry-after": String(extras.retryAfter ?? 1) };
    case "MS-GW-008":
    case "MS-GW-010":
    case "MS-GW-012":
      return { connection: "close" };
    default:
      return {};
  }
}

/**
 * Reads a JSON body of at most `limit` bytes.
 * @throws GatewayError MS-GW-008 when it is larger, MS-GW-003 when it is not JSON, MS-GW-021 when it is not UTF-8,
 * MS-GW-022 when the client leaves in the middle of it
 */
export async function readJsonBody(req: IncomingMessage, limit: number): Promise<unknown> {
  const body = await readBody(req, limit).catch((error) => {
    if (error instanceof GatewayError) throw error;
    // Nothing but the connection fails here.
    throw new GatewayError("MS-GW-022", "", {}, error);
  });
  return parseJson(body, "the body");
}

async function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  // A body that is a little too large is read to its end, so that the client is still there to read the answer.
  for await (const part of req as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= limit) parts.push(part);
    if (size > limit * TOLERATED_EXCESS) break;
  }
  if (size > limit) throw new GatewayError("MS-GW-008", `more than ${limit} bytes`);
  return Buffer.concat(parts);
}

let policy: string | undefined;

function contentSecurityPolicy(): string {
  policy ??= [
    "default-src 'none'",
    `script-src ${hashOf("script")}`,
    `style-src ${hashOf("style")}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  return policy;
}

function hashOf(tag: string): string {
  const text = page.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? "";
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
