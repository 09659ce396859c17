import type { Authenticate } from "./auth.ts";
import { GatewayError, toGatewayError } from "./errors.ts";
import type { RateLimiter } from "./limits.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Call, Transport } from "./operations.ts";
import type { Readiness } from "./readiness.ts";
import { currentContext } from "./trace.ts";

/** What is needed to find out who calls. */
export interface IdentifyParts {
  readonly authenticate: Authenticate;
  readonly rateLimiter: RateLimiter;
  readonly readiness: Readiness;
}

/**
 * Who calls: token, then rate. The log lines of the request carry the agent from here on.
 * @throws GatewayError MS-GW-001, MS-GW-006, MS-GW-010
 */
export async function identify(
  { authenticate, rateLimiter, readiness }: IdentifyParts,
  authorization: string | null | undefined,
  transport: Transport,
): Promise<Call> {
  if (readiness.draining) throw new GatewayError("MS-GW-010", "");
  const caller = await authenticate(authorization);
  rateLimiter.take(caller.tokenId);
  const context = currentContext();
  if (context !== undefined && caller.taskId !== undefined) {
    context.agent_id = caller.subject;
    context.task_id = caller.taskId;
  }
  return { caller, transport };
}

/** Operations log their own failures; what is refused before or beside them is logged and counted here. */
export function logRefusal(
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
  transport: "http" | "grpc",
  path: string | undefined,
  error: unknown,
): void {
  const known = toGatewayError(error);
  const reason = known.code === "MS-GW-014" && known.cause instanceof Error ? known.cause.message : undefined;
  logger[known.code === "MS-GW-014" ? "error" : "warn"]({ code: known.code, path, reason }, known.message);
  metrics.requests.inc({ transport, route: "refused", code: known.code });
}
