// Requests byte by byte, for what no HTTP client would send.
import { connect } from "node:net";

/** Sends the bytes (one character a byte) to a port of this host; gives all that comes until the server ends. */
export async function rawRequest(port: number, request: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const bytes = typeof request === "string" ? Buffer.from(request, "latin1") : request;
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (data) => parts.push(data));
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(Buffer.concat(parts).toString("utf8")));
    socket.on("error", reject);
  });
}
