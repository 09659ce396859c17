// The MCP SDK and the gRPC library take longer to load than all the rest, and more memory. MCP is loaded when the
// start is over; gRPC, which not every deployment uses, by the first request.
import type { GrpcParts } from "./grpc.ts";
import type { GrpcHandler } from "./grpc-server.ts";
import type { McpEndpoint, McpParts } from "./mcp.ts";

/** Long enough for the start to be over. */
const MCP_LOAD_MS = 1_000;

/** The MCP endpoint. */
export function createLazyMcp(parts: McpParts): McpEndpoint {
  let loading: Promise<McpEndpoint> | undefined;
  const load = () => {
    loading ??= import("./mcp.ts").then(({ createMcpEndpoint }) => createMcpEndpoint(parts));
    return loading;
  };
  // A failure is told by the request that needs it.
  const timer = setTimeout(() => load().catch(() => undefined), MCP_LOAD_MS).unref();
  return {
    serve: async (call, req, res) => (await load()).serve(call, req, res),
    close: async () => {
      clearTimeout(timer);
      await (await loading)?.close();
    },
  };
}

/** The handler of gRPC requests. */
export function createLazyGrpc(parts: GrpcParts): GrpcHandler {
  let loading: Promise<GrpcHandler> | undefined;
  return async (req, res) => {
    loading ??= import("./grpc.ts").then(({ createGrpcHandler }) => createGrpcHandler(parts));
    await (await loading)(req, res);
  };
}
