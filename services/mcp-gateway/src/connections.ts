// The connections of one port: counted against two limits, and all of them at hand when they have to be cut.
import type { Socket } from "node:net";
import type { Metrics } from "./metrics.ts";

/** Connections beyond a limit that still get an answer saying so. */
const TOLD = 64;
/** Silence after which the kernel asks whether the other side is still there, ms. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** What bounds the connections of a port. */
export interface ConnectionLimits {
  readonly port: "http" | "grpc";
  /** Connections at the same time. */
  readonly limit: number;
  /** Of these, connections of one address. */
  readonly perAddress: number;
  readonly metrics: Metrics;
}

/** The open connections of one port. */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #within = new Set<Socket>();
  readonly #beyond = new Set<Socket>();
  readonly #addresses = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Counts a connection until it is closed; false when it is beyond a limit: it may be told so, and that is all. */
  enter(socket: Socket): boolean {
    const { port, limit, perAddress, metrics } = this.#limits;
    const address = socket.remoteAddress ?? "";
    const within = this.#within.size < limit && this.#count(address) < perAddress;
    const place = within ? this.#within : this.#beyond;
    place.add(socket);
    if (within) this.#addresses.set(address, this.#count(address) + 1);
    metrics.connections.inc({ port });
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    socket.once("close", () => {
      place.delete(socket);
      if (within) this.#leave(address);
      metrics.connections.dec({ port });
    });
    if (this.#beyond.size > TOLD) socket.destroy();
    return within;
  }

  /** True when the connection came beyond a limit. */
  isBeyond(socket: Socket): boolean {
    return this.#beyond.has(socket);
  }

  /** Every open connection. */
  get all(): Socket[] {
    return [...this.#within, ...this.#beyond];
  }

  /** Cuts every connection, whatever it has become. */
  cut(): void {
    for (const socket of this.all) socket.destroy();
  }

  #count(address: string): number {
    return this.#addresses.get(address) ?? 0;
  }

  #leave(address: string): void {
    const left = this.#count(address) - 1;
    if (left > 0) this.#addresses.set(address, left);
    else this.#addresses.delete(address);
  }
}
