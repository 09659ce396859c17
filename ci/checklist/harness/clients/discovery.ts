/** A discovery in the JSON of the gateway's event streams. */
import type { SeenEvent } from "./event-log.ts";

/** Reads one; other messages (acknowledgements, keep-alives) are undefined. */
export function parseDiscovery(text: string, id = Number.NaN): SeenEvent | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const outer = read as Record<string, unknown>;
  const inner = (outer.discovery ?? outer.payload ?? outer.data ?? outer) as Record<string, unknown>;
  if (typeof inner.content !== "string") return undefined;
  const sequence = Number(inner.sequence ?? outer.sequence ?? outer.id ?? id);
  return {
    sequence,
    content: inner.content,
    agentId: String(inner.agent_id ?? ""),
    type: String(inner.type ?? ""),
    at: Date.now(),
  };
}
