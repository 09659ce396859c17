/** The official MCP client, in either revision. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

/** Revisions that the gateway serves. */
export type McpRevision = "2026-07-28" | "2025-11-25";

/** A connected client. */
export interface McpClient {
  /** Names of the tools offered. */
  toolNames(): Promise<string[]>;
  /** Calls a tool; gives its structured result, or the text of its error. */
  call(name: string, args: Record<string, unknown>): Promise<ToolResult>;
  revision(): string | undefined;
  close(): Promise<void>;
}

/** What a tool answered. */
export interface ToolResult {
  isError: boolean;
  value: Record<string, unknown>;
  text: string;
}

/** Connects to the gateway's MCP endpoint. */
export async function connectMcp(
  baseUrl: string,
  token: string,
  revision: McpRevision,
  traceparent?: string,
): Promise<McpClient> {
  const mode = revision === "2026-07-28" ? { pin: revision } : ("legacy" as const);
  const client = new Client({ name: "checklist", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", baseUrl), {
    requestInit: { headers: { authorization: `Bearer ${token}`, ...(traceparent && { traceparent }) } },
  });
  await client.connect(transport);
  return {
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    call: async (name, args) => toResult(await client.callTool({ name, arguments: args })),
    revision: () => client.getNegotiatedProtocolVersion() ?? transport.protocolVersion,
    close: () => client.close(),
  };
}

function toResult(result: Awaited<ReturnType<Client["callTool"]>>): ToolResult {
  const parts = result.content as { type: string; text?: string }[];
  const text = parts.map((part) => part.text ?? "").join("\n");
  return { isError: result.isError === true, value: structured(result.structuredContent, text), text };
}

function structured(content: unknown, text: string): Record<string, unknown> {
  if (typeof content === "object" && content !== null) return content as Record<string, unknown>;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
