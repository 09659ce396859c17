// The same operations as plain JSON: /v1/discoveries, /v1/tasks, /v1/pool, /v1/workers.
import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { discoveryInput } from "../discoveries/event.ts";
import { parseQuery } from "../discoveries/filter.ts";
import { GatewayError } from "../errors.ts";
import { readJsonBody } from "../http/answers.ts";
import { parseInput } from "../input.ts";
import type { Call, Operations } from "../operations.ts";
import { taskInput } from "../tasks.ts";

/** Discoveries in one answer. */
export const LIST_LIMIT = { default: 50, max: 500 };

const limitInput = z.coerce.number().pipe(z.int().min(1).max(LIST_LIMIT.max)).default(LIST_LIMIT.default);

/** An answer: status and JSON value. */
export interface RestAnswer {
  readonly status: number;
  readonly value: object;
}

/**
 * Answers a request below /v1.
 * @throws GatewayError MS-GW-011 when there is no such path, and what the operation throws
 */
export async function serveRest(
  operations: Operations,
  call: Call,
  { req, url }: { req: IncomingMessage; url: URL },
  maxBodyBytes: number,
): Promise<RestAnswer> {
  const taskId = /^\/v1\/tasks\/([^/]+)$/.exec(url.pathname)?.[1];
  const route = `${req.method} ${taskId === undefined ? url.pathname : "/v1/tasks/{id}"}`;
  switch (route) {
    case "GET /v1/discoveries": {
      const limit = parseInput(limitInput, url.searchParams.get("limit") || undefined);
      return { status: 200, value: await operations.list(call, parseQuery(url.searchParams), limit) };
    }
    case "POST /v1/discoveries": {
      const input = parseInput(discoveryInput, await readJsonBody(req, maxBodyBytes));
      return { status: 201, value: { sequence: await operations.share(call, input) } };
    }
    case "POST /v1/tasks": {
      const input = parseInput(taskInput, await readJsonBody(req, maxBodyBytes));
      return { status: 201, value: { task_id: await operations.submit(call, input) } };
    }
    case "GET /v1/tasks":
      return { status: 200, value: { tasks: await operations.recentTasks(call) } };
    case "GET /v1/tasks/{id}":
      return { status: 200, value: await operations.task(call, taskId ?? "") };
    case "GET /v1/pool":
      return { status: 200, value: await operations.poolStatus(call) };
    case "GET /v1/workers":
      return { status: 200, value: { workers: await operations.workers(call) } };
    default:
      throw new GatewayError("MS-GW-011", route);
  }
}
