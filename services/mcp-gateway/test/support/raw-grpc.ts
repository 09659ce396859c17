// gRPC calls without a gRPC library, for what no library would send.
import { type ClientHttp2Session, connect } from "node:http2";

/** A message in gRPC's framing: one byte of flags, four of length. */
export function frameOf(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Sends one message; gives the headers and trailers of the answer together, or `reset` with the code. */
export async function call(
  target: string | ClientHttp2Session,
  path: string,
  type: string,
  message: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const session = typeof target === "string" ? connect(target) : target;
  session.on("error", () => undefined);
  try {
    return await new Promise((resolve) => {
      const own = { ":method": "POST", ":path": path, "content-type": type, te: "trailers" };
      const stream = session.request({ ...own, ...headers });
      const seen: Record<string, unknown> = {};
      stream.on("response", (answer) => Object.assign(seen, answer));
      stream.on("trailers", (trailers) => Object.assign(seen, trailers));
      stream.on("error", () => undefined);
      stream.on("close", () => resolve(stream.rstCode === 0 ? seen : { ...seen, reset: stream.rstCode }));
      stream.resume();
      stream.end(frameOf(Buffer.from(message)));
    });
  } finally {
    if (typeof target === "string") session.destroy();
  }
}
