/** Server-sent events of the gateway, read as a browser reads them. */
import { parseDiscovery } from "./discovery.ts";
import type { SeenEvent, Subscription } from "./event-log.ts";

/** Opens `/events`; resolves when the stream is open. */
export async function subscribeSse(
  baseUrl: string,
  token: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Subscription> {
  const abort = new AbortController();
  const url = `${baseUrl}/events?${new URLSearchParams(query)}`;
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
    signal: abort.signal,
  });
  if (response.status !== 200 || !response.body)
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const events: SeenEvent[] = [];
  const ended = read(response.body, events).catch((error: unknown) => String(error));
  return { events, ended, close: () => abort.abort() };
}

async function read(body: ReadableStream<Uint8Array>, events: SeenEvent[]): Promise<string> {
  const decoder = new TextDecoder();
  let rest = "";
  let lastName = "";
  for await (const piece of body) {
    rest += decoder.decode(piece, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = parseBlock(block);
      if (fields.event) lastName = fields.event;
      const seen = fields.data === undefined ? undefined : parseDiscovery(fields.data, Number(fields.id));
      if (seen) events.push(seen);
    }
  }
  return lastName;
}

/** Fields of one event; data lines are joined. */
export function parseBlock(block: string): { id?: string; event?: string; data?: string } {
  const fields: { id?: string; event?: string; data?: string } = {};
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([a-z]*):? ?(.*)$/.exec(line) ?? [];
    if (name === "data") fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`;
    if (name === "id" || name === "event") fields[name] = value;
  }
  return fields;
}
