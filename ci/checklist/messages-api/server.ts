/**
 * The Messages API stand-in: a test double that the real Claude CLI talks to. Endpoints:
 * POST /v1/messages (streamed or not), POST /v1/messages/count_tokens, GET /v1/models, GET /control/requests.
 */
import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, type Counts, decide, errorAnswer } from "./answer.ts";
import {
  countTokens,
  isBadRequest,
  type MessagesRequest,
  parseRequest,
  readConversation,
} from "./conversation.ts";
import { parseScenario } from "./scenario.ts";
import { bodyEvents, errorBody, frame, startEvent, wholeMessage } from "./stream-events.ts";

/** A request that came, as far as tests ask for it. */
export interface RecordedRequest {
  at: number;
  from: string;
  model: string;
  prompt: string;
  tools: string[];
  apiKey: string | undefined;
  answered: string;
}

/** A running stand-in. */
export interface MessagesApi {
  port: number;
  requests: RecordedRequest[];
  close(): Promise<void>;
}

const PING_MS = 500;
const KEPT_REQUESTS = 10_000;

/** Starts the stand-in; port 0 takes a free one. */
export async function startMessagesApi(port = 0, host = "127.0.0.1"): Promise<MessagesApi> {
  const requests: RecordedRequest[] = [];
  const counts = new Map<string, Counts>();
  const server = createServer((request, response) => {
    route(request, response, requests, counts).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () => closeServer(server),
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  requests: RecordedRequest[],
  counts: Map<string, Counts>,
): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  const text = await readBody(request);
  if (request.method === "GET" && path === "/control/requests") return sendJson(response, 200, requests);
  if (request.method === "GET" && path === "/v1/models")
    return sendJson(response, 200, { data: [], has_more: false });
  if (request.method !== "POST" || !path.startsWith("/v1/messages"))
    return sendJson(response, 404, errorBody("req_none", errorAnswer(404, `no such path: ${path}`)));
  const parsed = parseRequest(text);
  if (isBadRequest(parsed))
    return sendJson(response, 400, errorBody("req_bad", errorAnswer(400, parsed.problem)));
  if (path.endsWith("/count_tokens"))
    return sendJson(response, 200, { input_tokens: countTokens(parsed.messages) });
  const id = randomUUID().replaceAll("-", "");
  const answer = answerTo(parsed, counts, id);
  requests.push(record(request, parsed, answer));
  if (requests.length > KEPT_REQUESTS) requests.shift();
  await send(response, parsed, answer, id);
}

function answerTo(request: MessagesRequest, counts: Map<string, Counts>, id: string): Answer {
  const conversation = readConversation(request);
  // What the CLI puts around the prompt may differ from one attempt to the next.
  const asked = conversation.prompt.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, "").trim();
  const key = createHash("sha256").update(asked).digest("hex");
  const seen = counts.get(key) ?? { failed: 0, cut: 0, waited: 0 };
  const answer = decide(request, conversation, parseScenario(conversation.prompt), seen, id);
  counts.set(key, {
    failed: seen.failed + (answer.kind === "error" ? 1 : 0),
    cut: seen.cut + (answer.kind === "message" && answer.cut ? 1 : 0),
    waited: seen.waited + (answer.kind === "message" && answer.waitMs > 0 ? 1 : 0),
  });
  return answer;
}

function record(request: IncomingMessage, parsed: MessagesRequest, answer: Answer): RecordedRequest {
  const key = request.headers["x-api-key"];
  return {
    at: Date.now(),
    from: request.socket.remoteAddress ?? "",
    model: parsed.model,
    prompt: readConversation(parsed).prompt,
    tools: parsed.tools.map((tool) => tool.name),
    apiKey: typeof key === "string" ? key : undefined,
    answered: answer.kind === "error" ? String(answer.status) : answer.block.type,
  };
}

async function send(
  response: ServerResponse,
  request: MessagesRequest,
  answer: Answer,
  id: string,
): Promise<void> {
  response.setHeader("request-id", `req_${id}`);
  if (answer.kind === "error") return sendJson(response, answer.status, errorBody(`req_${id}`, answer));
  if (!request.stream) {
    await delay(answer.waitMs);
    return sendJson(response, 200, wholeMessage(`msg_${id}`, request.model, answer));
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.write(frame(startEvent(`msg_${id}`, request.model, answer)));
  await waitWithPings(response, answer.waitMs);
  let sent = 0;
  for (const event of bodyEvents(answer)) {
    if (response.destroyed) return;
    if (answer.cut && sent++ > 1) return void response.destroy();
    // Memory stays flat for a long answer to a slow reader.
    if (!response.write(frame(event))) await drained(response);
  }
  response.end();
}

async function waitWithPings(response: ServerResponse, waitMs: number): Promise<void> {
  const until = Date.now() + waitMs;
  while (Date.now() < until && !response.destroyed) {
    await delay(Math.min(PING_MS, until - Date.now()));
    response.write(frame({ type: "ping" }));
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
