// Clients of the streams: each keeps what it saw and how it ended.
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import WebSocket from "ws";
import { GatewayService } from "../../src/gen/mistersmith/v1/gateway_pb.ts";
import type { System as WholeSystem } from "./system.ts";
import type { TokenOptions } from "./tokens.ts";

/** The part of a system that clients need. */
export type System = Pick<WholeSystem, "base" | "grpcBase" | "headers">;

/** Subscriptions that are open now, on every transport. */
export async function subscribers(system: System): Promise<number> {
  const text = await (await fetch(`${system.base}/metrics`)).text();
  const gauges = text.matchAll(/^mcp_gateway_subscribers\{.*\} (\d+)$/gm);
  return [...gauges].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** What a client saw. */
export interface Seen {
  readonly sequences: number[];
  readonly contents: string[];
  /** Settles when the server ends the stream, with what it said last. */
  readonly ended: Promise<string>;
  close(): void;
}

/** Opens /events; resolves when it is open. */
export async function openSse(
  system: System,
  query = "",
  options: { token?: TokenOptions; lastEventId?: number } = {},
): Promise<Seen> {
  const abort = new AbortController();
  const headers: Record<string, string> = await system.headers(options.token);
  if (options.lastEventId !== undefined) headers["last-event-id"] = String(options.lastEventId);
  const answer = await fetch(`${system.base}/events${query}`, { headers, signal: abort.signal });
  if (answer.status !== 200 || answer.body === null) throw new Error(await answer.text());
  const sequences: number[] = [];
  const contents: string[] = [];
  const ended = (async () => {
    let rest = "";
    let last = "";
    const decoder = new TextDecoder();
    for await (const part of answer.body as ReadableStream<Uint8Array>) {
      const blocks = (rest + decoder.decode(part, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (block.includes("event: end")) last = data ?? "";
        if (!block.includes("event: discovery") || data === undefined) continue;
        sequences.push(Number(/^id: (\d+)$/m.exec(block)?.[1]));
        contents.push(JSON.parse(data).content);
      }
    }
    return last;
  })().catch((error) => `broken: ${error}`);
  return { sequences, contents, ended, close: () => abort.abort() };
}

/** Opens /ws; resolves when it is open. */
export async function openWebSocket(
  system: System,
  query = "",
  token: TokenOptions = {},
): Promise<Seen & { socket: WebSocket; frames: Record<string, unknown>[] }> {
  const url = `${system.base.replace("http", "ws")}/ws${query}`;
  const socket = new WebSocket(url, { headers: await system.headers(token) });
  const sequences: number[] = [];
  const contents: string[] = [];
  const frames: Record<string, unknown>[] = [];
  socket.on("message", (data) => {
    const message = JSON.parse(String(data));
    frames.push(message);
    if (message.type !== "discovery") return;
    sequences.push(message.discovery.sequence);
    contents.push(message.discovery.content);
  });
  const ended = new Promise<string>((resolve) => {
    socket.once("close", (code, reason) => resolve(`${code} ${reason}`));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (part) => {
        text += part;
      });
      response.on("end", () => reject(new Error(`${response.statusCode} ${text}`)));
    });
  });
  socket.on("error", () => undefined);
  return { sequences, contents, frames, ended, socket, close: () => socket.close() };
}

/** A gRPC client that sends a token with every call. */
export async function grpcClient(
  system: System,
  token: TokenOptions = {},
  extra: Record<string, string> = {},
) {
  const authorization = (await system.headers(token)).authorization ?? "";
  const transport = createGrpcTransport({
    baseUrl: system.grpcBase,
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", authorization);
        for (const [name, value] of Object.entries(extra)) request.header.set(name, value);
        return next(request);
      },
    ],
  });
  return createClient(GatewayService, transport);
}

/** Subscribes over gRPC; the subscription stands a moment after this resolves. */
export async function openGrpc(
  system: System,
  request: Parameters<Awaited<ReturnType<typeof grpcClient>>["subscribeDiscoveries"]>[0] = {},
  token: TokenOptions = {},
): Promise<Seen> {
  const client = await grpcClient(system, token);
  const abort = new AbortController();
  const sequences: number[] = [];
  const contents: string[] = [];
  const ended = (async () => {
    try {
      for await (const { discovery } of client.subscribeDiscoveries(request, { signal: abort.signal })) {
        sequences.push(Number(discovery?.sequence));
        contents.push(discovery?.content ?? "");
      }
      return "end";
    } catch (error) {
      return String(error);
    }
  })();
  return { sequences, contents, ended, close: () => abort.abort() };
}
