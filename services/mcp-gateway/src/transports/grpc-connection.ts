// The deadlines of one HTTP/2 connection and its streams; node has none of its own here.
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import type { Deadlines } from "../deadlines.ts";

/** Watches a connection from its first byte to its end. */
export class GrpcConnection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #deadlines: Deadlines;
  /** Streams, and whether their requests have arrived. */
  readonly #streams = new Map<ServerHttp2Stream, boolean>();
  #idle: NodeJS.Timeout | undefined;
  #answered = true;

  constructor(session: ServerHttp2Session, socket: Socket, deadlines: Deadlines) {
    this.#session = session;
    this.#socket = socket;
    this.#deadlines = deadlines;
    const handshake = setTimeout(() => socket.destroy(), deadlines.handshake);
    session.once("remoteSettings", () => clearTimeout(handshake));
    const pings = setInterval(() => this.#ping(), deadlines.ping);
    session.on("stream", (stream) => this.#watch(stream));
    this.#waitForStreams();
    session.once("close", () => {
      clearTimeout(handshake);
      clearTimeout(this.#idle);
      clearInterval(pings);
      // A client that keeps its side open would keep the connection.
      const cut = setTimeout(() => socket.destroy(), deadlines.farewell);
      socket.once("close", () => clearTimeout(cut));
      if (socket.destroyed) clearTimeout(cut);
    });
  }

  /** Cuts what a shutdown need not wait for; it has waited for `waited` ms. */
  drain(waited: number): void {
    if (this.#streams.size === 0 && waited > this.#deadlines.farewell) this.#socket.destroy();
    if (waited < this.#deadlines.drainRequest) return;
    for (const [stream, arrived] of this.#streams) if (!arrived) stream.close(constants.NGHTTP2_CANCEL);
  }

  #ping(): void {
    if (!this.#answered) return void this.#socket.destroy();
    this.#answered = false;
    this.#session.ping((error) => {
      this.#answered = error === null;
    });
  }

  #watch(stream: ServerHttp2Stream): void {
    const { request, stall } = this.#deadlines;
    clearTimeout(this.#idle);
    this.#streams.set(stream, false);
    const arrival = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), request);
    stream.once("end", () => {
      clearTimeout(arrival);
      this.#streams.set(stream, true);
    });
    // A stream may be silent, but what was written must be read.
    const onStall = () => {
      if (stream.writableLength > 0) stream.close(constants.NGHTTP2_CANCEL);
      else stream.setTimeout(stall, onStall);
    };
    stream.setTimeout(stall, onStall);
    stream.once("close", () => {
      clearTimeout(arrival);
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#waitForStreams();
    });
  }

  #waitForStreams(): void {
    if (this.#session.destroyed) return;
    this.#idle = setTimeout(() => {
      this.#session.close();
      setTimeout(() => this.#socket.destroy(), this.#deadlines.farewell);
    }, this.#deadlines.idle);
  }
}
