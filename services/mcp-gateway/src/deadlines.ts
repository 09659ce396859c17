/** How long each phase of a connection may last, ms. Without them whoever says nothing holds a place for ever. */
export interface Deadlines {
  /** HTTP/2: preface and settings. */
  readonly handshake: number;
  /** HTTP: the head of a request, from the connection or the last answer's end on. */
  readonly head: number;
  /** A whole request, from its head's first byte on. */
  readonly request: number;
  /** An answer of which nothing is read. */
  readonly stall: number;
  /** HTTP: between two requests; longer than common load balancers, which else send into a closing connection. */
  readonly keepAlive: number;
  /** HTTP/2: a connection without a stream. */
  readonly idle: number;
  /** Between two pings; who misses one is cut at the next. */
  readonly ping: number;
  /** From the last word to the cut. */
  readonly farewell: number;
  /** At shutdown: a request that has not arrived. */
  readonly drainRequest: number;
}

/** The deadlines of the gateway; tests take shorter ones. */
export const DEADLINES: Deadlines = {
  handshake: 5_000,
  head: 10_000,
  request: 30_000,
  stall: 30_000,
  keepAlive: 65_000,
  idle: 120_000,
  ping: 15_000,
  farewell: 2_000,
  drainRequest: 5_000,
};
