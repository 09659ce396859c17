// The connection to NATS: the role's identity, replies in the role's inbox, connects again without end.
import {
  connect,
  Events,
  headers,
  type NatsConnection,
  type NatsError,
  nkeyAuthenticator,
  type Payload,
} from "nats";
import { describe, GatewayError } from "./errors.ts";
import type { Logger } from "./log.ts";
import { currentContext } from "./trace.ts";

/** Role of services/contracts/permissions.json; inboxes begin with it. */
export const INBOX_PREFIX = "_INBOX_gateway";
/** Wait between two attempts to connect; NATS spreads them with jitter. */
const RECONNECT_WAIT_MS = 250;
/** A server that went away without a word is noticed after two of these. */
const PING_INTERVAL_MS = 10_000;

/** JetStream's codes for a message that does not fit: account, server, memory, storage, and the stream's own limits. */
const FULL = new Set([10002, 10023, 10028, 10047, 10077]);
/** Time after which a refused message is worth another try, s. */
const FULL_RETRY_S = 5;

/** The refusal of a message that found no room. */
export function queueFull(subject: string, cause?: unknown): GatewayError {
  const detail = `${subject}, try again in ${FULL_RETRY_S} s`;
  return new GatewayError("MS-GW-023", detail, { retryAfter: FULL_RETRY_S }, cause);
}

/** Who connects, and where. */
export interface NatsOptions {
  readonly url: string;
  /** nkey seed; without it the connection has no identity. */
  readonly seed: string | undefined;
  readonly requestTimeoutMs: number;
  readonly logger: Logger;
}

/** Where a message was stored. */
export interface Stored {
  readonly sequence: number;
  readonly duplicate: boolean;
}

/** One connection for the life of the process. */
export class Nats {
  readonly #options: NatsOptions;
  readonly #listeners = new Set<(connected: boolean) => void>();
  #current: NatsConnection | undefined;
  #connected = false;
  #closing = false;

  /** Begins to connect and returns at once. */
  constructor(options: NatsOptions) {
    this.#options = options;
    this.#connect().catch((error) => this.#log("MS-NATS-003", error));
  }

  /** True while the server is connected. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Longest wait for an answer, ms. */
  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /** Calls the listener at every change of the connection, until the returned function is called. */
  onChange(listener: (connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The connection; waits while there is none, and fails with MS-GW-005 when that takes too long. */
  async client(): Promise<NatsConnection> {
    if (!this.#connected) await this.#nextConnection();
    if (this.#current === undefined) throw new GatewayError("MS-GW-005", "no connection");
    return this.#current;
  }

  /**
   * Stores a message in its stream. A lost answer is asked for again with the same id, so nothing is doubled.
   * @throws GatewayError MS-GW-005 when NATS does not confirm in time, MS-GW-008 when it is too large, MS-GW-023 when
   * the stream has no room.
   */
  async store(subject: string, message: object, messageId: string): Promise<Stored> {
    const client = await this.client();
    const jetstream = client.jetstream({ timeout: this.requestTimeoutMs });
    const data = JSON.stringify(message);
    const publish = () =>
      jetstream.publish(subject, data, {
        msgID: messageId,
        headers: traceHeaders(),
        timeout: this.requestTimeoutMs / 2,
      });
    try {
      const ack = await publish().catch((error: NatsError) => {
        if (error.code !== "TIMEOUT") throw error;
        return publish();
      });
      return { sequence: ack.seq, duplicate: ack.duplicate };
    } catch (error) {
      throw this.failure(error, subject);
    }
  }

  /** Asks one answer of a service; fails with MS-GW-013 when nobody answers. */
  async ask(subject: string, message: object): Promise<unknown> {
    const client = await this.client();
    try {
      const reply = await client.request(subject, JSON.stringify(message), {
        timeout: this.requestTimeoutMs,
        headers: traceHeaders(),
      });
      return reply.json();
    } catch (error) {
      const code = (error as NatsError).code;
      if (code === "503" || code === "TIMEOUT") throw new GatewayError("MS-GW-013", "", {}, error);
      throw this.failure(error, subject);
    }
  }

  /** Asks JetStream's API and returns its JSON; fails with MS-GW-005 when that takes longer than `timeout` ms. */
  async api(
    subject: string,
    payload: Payload = "",
    timeout = this.requestTimeoutMs,
  ): Promise<Record<string, unknown>> {
    const client = await this.client();
    try {
      return (await client.request(subject, payload, { timeout })).json();
    } catch (error) {
      throw this.failure(error, subject);
    }
  }

  /** Sends what is waiting and closes; nothing can be asked afterwards. */
  async drain(): Promise<void> {
    this.#closing = true;
    await this.#current?.drain();
  }

  /** A failure of NATS as clients see it; the log has the reason. */
  failure(error: unknown, subject: string): GatewayError {
    if (error instanceof GatewayError) return error;
    const code = (error as NatsError).code;
    if (code === "MAX_PAYLOAD_EXCEEDED")
      return new GatewayError("MS-GW-008", "more than NATS takes", {}, error);
    if (FULL.has((error as NatsError).api_error?.err_code ?? 0)) return queueFull(subject, error);
    if (code === "PERMISSIONS_VIOLATION") this.#log("MS-NATS-003", error, subject);
    return new GatewayError("MS-GW-005", "", {}, error);
  }

  /** What is sent while there is no connection is lost, so nothing is. */
  #nextConnection(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new GatewayError("MS-GW-005", "no connection"));
      }, this.requestTimeoutMs);
      const stop = this.onChange(() => {
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
  }

  async #connect(): Promise<void> {
    const { url, seed, logger } = this.#options;
    const client = await connect({
      servers: url,
      name: "mcp-gateway",
      inboxPrefix: INBOX_PREFIX,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      // A wrong key may be put right on the server; until then the gateway is live and not ready.
      ignoreAuthErrorAbort: true,
      pingInterval: PING_INTERVAL_MS,
      timeout: this.requestTimeoutMs,
      ...(seed === undefined ? {} : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) }),
    });
    this.#current = client;
    this.#change(true);
    logger.info({ server: client.getServer() }, "NATS connected");
    void this.#watch(client);
  }

  async #watch(client: NatsConnection): Promise<void> {
    for await (const status of client.status()) {
      if (status.type === Events.Disconnect) this.#change(false);
      if (status.type === Events.Reconnect) this.#change(true);
      if (status.type === Events.Error)
        this.#log("MS-NATS-003", status.data, String(status.permissionContext ?? ""));
    }
    this.#change(false);
    if (!this.#closing) this.#log("MS-NATS-001", await client.closed());
  }

  #change(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    if (!connected && !this.#closing) this.#log("MS-NATS-001", this.#options.url.replace(/\/\/.*@/, "//"));
    for (const listener of this.#listeners) listener(connected);
  }

  #log(code: string, reason: unknown, place = ""): void {
    const text = reason instanceof Error ? reason.message : String(reason ?? "");
    this.#options.logger.error({ code }, describe(code, [text, place].filter(Boolean).join(" ")));
  }
}

function traceHeaders() {
  const sent = headers();
  const context = currentContext();
  if (context !== undefined) sent.set("traceparent", context.traceparent);
  return sent;
}
