/** The gateway's WebSocket. */
import WebSocket from "ws";
import { parseDiscovery } from "./discovery.ts";
import type { SeenEvent, Subscription } from "./event-log.ts";

/** Opens `/ws` and subscribes; resolves when the socket is open. */
export async function subscribeWebSocket(
  baseUrl: string,
  token: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Subscription> {
  const url = `${baseUrl.replace(/^http/, "ws")}/ws?${new URLSearchParams(query)}`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const events: SeenEvent[] = [];
  socket.on("message", (data) => {
    const seen = parseDiscovery(String(data));
    if (seen) events.push(seen);
  });
  const ended = new Promise<string>((resolve) => socket.once("close", (code) => resolve(String(code))));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined);
  return { events, ended, close: () => socket.close() };
}
