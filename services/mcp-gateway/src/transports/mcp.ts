// MCP over streamable HTTP at /mcp: both revisions from one factory, stateless, so that any replica answers.
import type { IncomingMessage, ServerResponse } from "node:http";
import { type NodeIncomingMessageLike, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { z } from "zod";
import { version } from "../assets.ts";
import type { DiscoveryBus } from "../discoveries/bus.ts";
import { discoveryJson } from "../discoveries/event.ts";
import { GatewayError, toGatewayError } from "../errors.ts";
import { readJsonBody, sendJson } from "../http/answers.ts";
import { matchInput } from "../input.ts";
import type { Logger } from "../log.ts";
import type { Call, Operations } from "../operations.ts";
import { tools } from "../tools/index.ts";
import { callTool, publishedSchema } from "../tools/tool.ts";

/** Clients that listen are told of new discoveries at most this often. */
const NOTIFY_MS = 500;
/** Field of the authentication info that carries the call to the factory. */
const CALL = "call";

const INSTRUCTIONS =
  "MisterSmith runs a pool of agents. Look at list_discoveries before you start, share what you find out with share_discovery, and hand work that others can do to submit_task.";

/** What the endpoint needs. */
export interface McpParts {
  readonly operations: Operations;
  readonly bus: DiscoveryBus;
  readonly maxBodyBytes: number;
  readonly logger: Logger;
}

/** The endpoint, and a way to end what it has under way. */
export interface McpEndpoint {
  serve(call: Call, req: IncomingMessage, res: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** Makes the endpoint. */
export function createMcpEndpoint({ operations, bus, maxBodyBytes, logger }: McpParts): McpEndpoint {
  const handler = createMcpHandler(
    ({ authInfo }) => createServer(operations, authInfo?.extra?.[CALL] as Call),
    { onerror: (error) => logger.debug({ reason: error.message }, "MCP request refused by the SDK") },
  );
  const node = toNodeHandler(handler);
  let scheduled = false;
  bus.onEvent(() => {
    if (scheduled) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      handler.notify.resourcesChanged();
    }, NOTIFY_MS).unref();
  });
  return {
    close: () => handler.close(),
    serve: async (call, req, res) => {
      const body = req.method === "POST" ? await readMessage(req, res, maxBodyBytes) : undefined;
      if (req.method === "POST" && body === undefined) return;
      const { subject, scopes, expiresAt } = call.caller;
      const auth = {
        // The SDK wants a text here; the token itself goes no further than the check.
        token: "checked",
        clientId: subject,
        scopes: [...scopes],
        expiresAt: Math.floor(expiresAt / 1000),
        extra: { [CALL]: call },
      };
      await node(Object.assign(req, { auth }) as NodeIncomingMessageLike, res, body);
    },
  };
}

/** An array of messages, which no revision since 2025-06-18 has, is refused: it would be many calls counted as one. */
const rpcMessage = z.looseObject({
  jsonrpc: z.literal("2.0"),
  method: z.string().optional(),
  // Sent back with every answer and every notification.
  id: z.union([z.string().max(128), z.number(), z.null()]).optional(),
});

/** The message; undefined when it was refused and answered in JSON-RPC's own form. */
async function readMessage(req: IncomingMessage, res: ServerResponse, limit: number): Promise<unknown> {
  try {
    // Tools look at the texts of their arguments themselves, so that the model is told.
    return matchInput(rpcMessage, await readJsonBody(req, limit));
  } catch (error) {
    const known = toGatewayError(error);
    if (known.code !== "MS-GW-003" && known.code !== "MS-GW-021") throw known;
    const code = known.detail === "not JSON" ? PARSE_ERROR : INVALID_REQUEST;
    const body = { jsonrpc: "2.0", id: null, error: { code, message: known.message, data: known.body } };
    sendJson(res, known.mapping.http, body);
    return undefined;
  }
}

/** Codes of JSON-RPC 2.0 for a message that cannot be read, or is none. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

function createServer(operations: Operations, call: Call): McpServer {
  const server = new McpServer({ name: "mistersmith", version }, { instructions: INSTRUCTIONS });
  for (const tool of tools) {
    const { name, title, description, output, readOnly } = tool;
    const config = {
      title,
      description,
      inputSchema: publishedSchema(tool),
      outputSchema: output,
      annotations: { readOnlyHint: readOnly, destructiveHint: false, openWorldHint: false },
    };
    server.registerTool(name, config, (input: unknown) => callTool(tool, operations, call, input));
  }
  registerDiscoveries(server, operations, call);
  return server;
}

/** discovery://{id}: every stored discovery by its sequence. */
function registerDiscoveries(server: McpServer, operations: Operations, call: Call): void {
  const everything = {
    filter: { agentIds: [], roles: [], types: [], minConfidence: 0, text: "" },
    after: undefined,
  };
  const template = new ResourceTemplate("discovery://{id}", {
    list: async () => {
      const { discoveries } = await operations.list(call, everything, LISTED);
      const resources = discoveries.map(({ sequence, type, agent_id }) => ({
        uri: `discovery://${sequence}`,
        name: `${type} of ${agent_id}`,
        mimeType: "application/json",
      }));
      return { resources };
    },
  });
  const config = {
    title: "Discovery",
    description: "One discovery by its sequence",
    mimeType: "application/json",
  };
  server.registerResource("discovery", template, config, async (uri, { id }) => {
    const sequence = Number(id);
    if (!Number.isSafeInteger(sequence) || sequence < 1) throw new GatewayError("MS-GW-015", String(id));
    const text = discoveryJson(await operations.discovery(call, sequence));
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  });
}

/** Newest discoveries that a list of resources shows. */
const LISTED = 50;
