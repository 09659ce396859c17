// Discoveries as server-sent events at /events; `id` is the stream sequence, so Last-Event-ID resumes.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Running } from "../discoveries/bus.ts";
import { type Discovery, discoveryJson } from "../discoveries/event.ts";
import { afterInput, parseQuery } from "../discoveries/filter.ts";
import { type GatewayError, toGatewayError } from "../errors.ts";
import { parseInput } from "../input.ts";
import type { Call, Operations } from "../operations.ts";
import { untilEnded } from "./until-ended.ts";

/** Below the idle time of common proxies. */
const KEEP_ALIVE_MS = 15_000;
/** Time for the last event to reach a client that does not read; then the connection is cut. */
const FAREWELL_MS = 2_000;
/** What EventSource waits before it connects again. */
const RETRY_MS = 1_000;

/** Serves one stream until the client leaves or the server ends it; the last event says why. */
export async function serveSse(
  operations: Operations,
  call: Call,
  { req, res, url }: { req: IncomingMessage; res: ServerResponse; url: URL },
): Promise<void> {
  const left = new AbortController();
  res.once("close", () => left.abort());
  // It may have left while its token was checked.
  if (res.destroyed || req.destroyed) left.abort();
  const request = { ...parseQuery(url.searchParams), ...resumeFrom(req.headers["last-event-id"]) };
  const running = await operations.subscribe(call, request, left.signal);
  res.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  res.write(`retry: ${RETRY_MS}\n\n`);
  const keepAlive = setInterval(() => void (res.writableNeedDrain || res.write(": here\n\n")), KEEP_ALIVE_MS);
  try {
    await pump(running, res);
  } catch (error) {
    res.write(endFrame(toGatewayError(error)));
  } finally {
    clearInterval(keepAlive);
    res.end();
    setTimeout(() => res.destroy(), FAREWELL_MS).unref();
  }
}

/** One discovery as an event. */
export function discoveryFrame(event: Discovery): string {
  return `id: ${event.sequence}\nevent: discovery\ndata: ${discoveryJson(event)}\n\n`;
}

/** The last event: why the server ends the stream, and where to go on. */
export function endFrame(error: GatewayError): string {
  return `event: end\ndata: ${JSON.stringify({ error: error.body, after: error.extras.after })}\n\n`;
}

async function pump({ events, ended }: Running, res: ServerResponse): Promise<void> {
  for await (const event of events) {
    // While the client does not read, events wait in its queue, which is bounded.
    if (!res.write(discoveryFrame(event))) await untilEnded(ended, (done) => res.once("drain", done));
  }
}

function resumeFrom(lastEventId: string | string[] | undefined): { after?: number } {
  if (typeof lastEventId !== "string" || lastEventId === "") return {};
  return { after: parseInput(afterInput, Number(lastEventId)) };
}
