// Discoveries over a WebSocket at /ws. The query subscribes as at /events; a `subscribe` frame replaces that.
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { Running } from "../discoveries/bus.ts";
import { discoveryJson } from "../discoveries/event.ts";
import { afterInput, parseFilter, parseQuery, type SubscriptionRequest } from "../discoveries/filter.ts";
import { type GatewayCode, GatewayError, toGatewayError } from "../errors.ts";
import { parseInput, parseJson } from "../input.ts";
import type { RateLimiter } from "../limits.ts";
import type { Call, Operations } from "../operations.ts";
import { untilEnded } from "./until-ended.ts";

const PING_MS = 15_000;
/** Bytes that may wait in the socket before events wait in the queue. */
const HIGH_WATER_BYTES = 65_536;
/** The largest frame that is understood is a filter. */
const MAX_FRAME_BYTES = 65_536;
/** Frames that may be refused between two pings; then the client does not know what it does. */
const MAX_REFUSED = 100;
/** Time for the closing handshake of a client that does not read; then the connection is cut. */
const FAREWELL_MS = 2_000;
/** A close reason holds at most 123 bytes (RFC 6455, 5.5). */
const REASON_BYTES = 123;

const frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("subscribe"), filter: z.unknown().optional(), after: afterInput.optional() }),
  z.object({ type: z.literal("unsubscribe") }),
  z.object({ type: z.literal("ping") }),
]);

/** An upgrade as node hands it over. */
export interface Upgrade {
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly url: URL;
}

/** Accepts upgrades to /ws. */
export class WebSocketEndpoint {
  readonly #server: WebSocketServer;
  readonly #operations: Operations;
  readonly #rateLimiter: RateLimiter;

  constructor(operations: Operations, rateLimiter: RateLimiter, maxBodyBytes: number) {
    this.#operations = operations;
    this.#rateLimiter = rateLimiter;
    this.#server = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: Math.min(maxBodyBytes, MAX_FRAME_BYTES),
      // Pings are answered here, where the socket is looked at first.
      autoPong: false,
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
  }

  /** Subscribes, then upgrades: a refusal is still an HTTP answer. */
  async upgrade(call: Call, { req, socket, head, url }: Upgrade): Promise<void> {
    const session = new Session(this.#operations, this.#rateLimiter, call);
    await session.subscribe(parseQuery(url.searchParams));
    this.#server.handleUpgrade(req, socket, head, (client) => session.open(client));
  }

  /** Tells every client why; their subscriptions have ended before. */
  close(code: GatewayCode): void {
    for (const client of this.#server.clients) closeWith(client, new GatewayError(code, ""));
  }
}

/** One client: its socket and the one subscription that it has at a time. */
class Session {
  readonly #operations: Operations;
  readonly #rateLimiter: RateLimiter;
  readonly #call: Call;
  #client: WebSocket | undefined;
  #running: Running | undefined;
  #refused = 0;
  #left = new AbortController();

  constructor(operations: Operations, rateLimiter: RateLimiter, call: Call) {
    this.#operations = operations;
    this.#rateLimiter = rateLimiter;
    this.#call = call;
  }

  /** Ends the subscription at hand and begins another. */
  async subscribe(request: SubscriptionRequest): Promise<void> {
    const left = new AbortController();
    const running = await this.#operations.subscribe(this.#call, request, left.signal);
    this.#left.abort();
    this.#left = left;
    this.#running = running;
  }

  /** Begins to speak with the client. */
  open(client: WebSocket): void {
    this.#client = client;
    const heartbeat = new Heartbeat(client, () => {
      this.#refused = 0;
    });
    client.on("message", (data) => void this.#receive(client, data));
    client.on("ping", (data) => {
      if (client.bufferedAmount < HIGH_WATER_BYTES) client.pong(data);
    });
    client.on("error", () => client.terminate());
    client.on("close", () => {
      heartbeat.stop();
      this.#left.abort();
    });
    this.#start();
  }

  async #receive(client: WebSocket, data: RawData): Promise<void> {
    if (client.readyState !== client.OPEN) return;
    try {
      this.#rateLimiter.take(this.#call.caller.tokenId);
      const message = parseInput(frame, parseJson(data as Buffer, "the frame"));
      if (message.type === "ping") reply(client, '{"type":"pong"}');
      if (message.type === "unsubscribe") this.#left.abort();
      if (message.type !== "subscribe") return;
      await this.subscribe({ filter: parseFilter(message.filter), after: message.after });
      reply(client, '{"type":"subscribed"}');
      this.#start();
    } catch (error) {
      // A wrong frame is told and forgotten; what is subscribed goes on.
      this.#refused += 1;
      if (this.#refused <= MAX_REFUSED) {
        return reply(client, JSON.stringify({ type: "error", error: toGatewayError(error).body }));
      }
      closeWith(client, new GatewayError("MS-GW-006", `${MAX_REFUSED} frames were refused`));
    }
  }

  #start(): void {
    const running = this.#running;
    if (this.#client !== undefined && running !== undefined) void pump(this.#client, running);
  }
}

/** Notices clients that are gone without a word: who misses one ping is cut at the next. */
class Heartbeat {
  readonly #timer: NodeJS.Timeout;
  #sent = "";
  #answered = true;

  /** @param onPing called with every ping that is sent */
  constructor(client: WebSocket, onPing: () => void) {
    // Only the answer to the ping that was sent counts: it shows that what lies before it was read.
    client.on("pong", (data) => {
      this.#answered ||= String(data) === this.#sent;
    });
    this.#timer = setInterval(() => {
      if (!this.#answered) return client.terminate();
      this.#answered = false;
      this.#sent = randomUUID();
      client.ping(this.#sent);
      onPing();
    }, PING_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Answers a frame; reads no further frames while the client does not read its answers. */
function reply(client: WebSocket, text: string): void {
  client.send(text, () => {
    if (client.isPaused && client.bufferedAmount < HIGH_WATER_BYTES) client.resume();
  });
  if (client.bufferedAmount >= HIGH_WATER_BYTES) client.pause();
}

async function pump(client: WebSocket, { events, ended }: Running): Promise<void> {
  try {
    for await (const event of events) {
      await send(client, `{"type":"discovery","discovery":${discoveryJson(event)}}`, ended);
    }
  } catch (error) {
    closeWith(client, toGatewayError(error));
  }
}

/** Sends; waits while the client does not read, so that events wait in its bounded queue meanwhile. */
async function send(client: WebSocket, text: string, ended: AbortSignal): Promise<void> {
  if (client.bufferedAmount < HIGH_WATER_BYTES) return client.send(text);
  await untilEnded(ended, (done) => client.send(text, done));
}

function closeWith(client: WebSocket, error: GatewayError): void {
  if (client.readyState !== client.OPEN) return;
  const after = error.extras.after;
  client.send(JSON.stringify({ type: "error", error: error.body, after }));
  const reason = after === undefined ? error.code : `${error.code} resume after ${after}`;
  client.close(error.mapping.close, reason.slice(0, REASON_BYTES));
  setTimeout(() => client.terminate(), FAREWELL_MS).unref();
}
