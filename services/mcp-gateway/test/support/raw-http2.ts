// HTTP/2 frame by frame, for what no HTTP/2 library would send.
import { connect } from "node:net";

/** What every connection begins with. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** Numbers of the frames (RFC 9113, 6). */
export const FRAME = { data: 0, headers: 1, settings: 4, ping: 6 } as const;

/** One frame. */
export function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A block of headers, each a literal without index and without Huffman code (RFC 7541, 6.2.2); texts below 127 bytes. */
export function headerBlock(headers: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, "latin1")]);
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

/** Preface, settings and one request that ends at once. */
export function openingWith(headers: readonly (readonly [string, string])[]): Buffer {
  const END = 0x05;
  const settings = http2Frame(FRAME.settings, 0, 0, Buffer.alloc(0));
  return Buffer.concat([PREFACE, settings, http2Frame(FRAME.headers, END, 1, headerBlock(headers))]);
}

/** Sends one request; resolves when the server has answered its stream, with the numbers of the frames that came. */
export function sendHeaders(
  port: number,
  headers: readonly (readonly [string, string])[],
): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(openingWith(headers)));
    let data = Buffer.alloc(0);
    socket.on("data", (part) => {
      data = Buffer.concat([data, part]);
      const frames = framesOf(data);
      if (frames.some(({ stream }) => stream === 1)) {
        socket.destroy();
        resolve(frames.map(({ type }) => type));
      }
    });
    socket.on("error", reject);
    socket.on("end", () => reject(new Error("the connection ended without an answer")));
  });
}

function framesOf(data: Buffer): { type: number; stream: number }[] {
  const frames = [];
  for (let at = 0; at + 9 <= data.length; at += 9 + data.readUIntBE(at, 3)) {
    frames.push({ type: data.readUInt8(at + 3), stream: data.readUInt32BE(at + 5) });
  }
  return frames;
}
