// Which connections of the HTTP port have a request under way: the rest may be closed at any time.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Connections } from "../connections.ts";
import type { Deadlines } from "../deadlines.ts";

/** How often a drain looks for connections that have become idle, ms. */
const CHECK_MS = 50;
/** A connection that was just made may have a request on its way, ms. */
const FRESH_MS = 500;

/** The requests under way, by connection. */
export class InFlight {
  readonly #requests = new Map<Duplex, Map<IncomingMessage, Promise<void>>>();
  readonly #upgraded = new WeakSet<Duplex>();

  /**
   * A request's head has arrived; until its answer is read, it is under way. Resolves when it is its turn: a connection
   * holds one answer, however many requests a client sends ahead.
   */
  async enter(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const requests = this.#requests.get(req.socket) ?? new Map<IncomingMessage, Promise<void>>();
    const before = [...requests.values()].at(-1);
    const ended = new Promise<void>((resolve) => res.once("close", resolve));
    this.#requests.set(req.socket, requests.set(req, ended));
    void ended.then(() => {
      requests.delete(req);
      if (requests.size === 0) this.#requests.delete(req.socket);
    });
    await before;
  }

  /** The connection is no longer HTTP; who took it over ends it. */
  upgraded(socket: Duplex): void {
    this.#upgraded.add(socket);
  }

  /** True while a request of the connection is under way. */
  has(socket: Duplex): boolean {
    return this.#requests.has(socket);
  }

  /** Takes no more connections; resolves when all are closed, and waits for none that says nothing. */
  async drain(server: Server, connections: Connections, deadlines: Deadlines): Promise<void> {
    const since = Date.now();
    const timer = setInterval(() => {
      server.closeIdleConnections();
      const waited = Date.now() - since;
      for (const socket of connections.all) {
        if (!this.#upgraded.has(socket) && this.#mayGo(socket, waited, deadlines)) socket.destroy();
      }
    }, CHECK_MS);
    await new Promise((resolve) => server.close(resolve));
    clearInterval(timer);
  }

  #mayGo(socket: Duplex, waited: number, { drainRequest }: Deadlines): boolean {
    const requests = this.#requests.get(socket);
    if (requests === undefined) return waited > FRESH_MS;
    return waited > drainRequest && [...requests.keys()].some((req) => !req.complete);
  }
}
