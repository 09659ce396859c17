// What clients can do, the same on every transport: rights checked, counted and logged in one place.
import { type Caller, requireScope, type Scope } from "./auth.ts";
import type { DiscoveryBus, Running } from "./discoveries/bus.ts";
import type { Discovery, DiscoveryInput } from "./discoveries/event.ts";
import type { SubscriptionRequest } from "./discoveries/filter.ts";
import type { Listing } from "./discoveries/listing.ts";
import type { DiscoveryStore } from "./discoveries/store.ts";
import { toGatewayError } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Pool, PoolStatus, WorkerPresence } from "./pool.ts";
import type { TaskInput, TaskState, TaskStore } from "./tasks.ts";
import { currentContext } from "./trace.ts";

/** Way in that a request took. */
export type Transport = "mcp" | "rest" | "sse" | "websocket" | "grpc";

/** Who calls, and over which transport. */
export interface Call {
  readonly caller: Caller;
  readonly transport: Transport;
}

/** The parts that operations work with. */
export interface OperationParts {
  readonly store: DiscoveryStore;
  readonly bus: DiscoveryBus;
  readonly tasks: TaskStore;
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Every operation of the gateway. */
export class Operations {
  readonly #parts: OperationParts;

  constructor(parts: OperationParts) {
    this.#parts = parts;
  }

  /** Stores a discovery; gives its sequence. */
  share(call: Call, input: DiscoveryInput): Promise<number> {
    const { store } = this.#parts;
    return this.#run(call, "discoveries:write", "share_discovery", () => store.share(call.caller, input));
  }

  /** Discoveries that pass a filter: the first after a sequence, or the newest when none is named. */
  list(call: Call, { filter, after }: SubscriptionRequest, limit: number): Promise<Listing> {
    const { store } = this.#parts;
    return this.#run(call, "discoveries:read", "list_discoveries", () =>
      after === undefined ? store.newest(filter, limit) : store.next(filter, after, limit),
    );
  }

  /** One discovery by its sequence. */
  discovery(call: Call, sequence: number): Promise<Discovery> {
    const { store } = this.#parts;
    return this.#run(call, "discoveries:read", "read_discovery", () => store.get(sequence));
  }

  /** A subscription that lasts until the client leaves; rights are checked before this returns. */
  subscribe(call: Call, request: SubscriptionRequest, left: AbortSignal): Promise<Running> {
    const { bus } = this.#parts;
    const subscriber = { transport: call.transport, expiresAt: call.caller.expiresAt, left };
    return this.#run(call, "discoveries:read", "subscribe_discoveries", async () =>
      bus.subscribe(request, subscriber),
    );
  }

  /** Hands in a task; gives its id. */
  submit(call: Call, input: TaskInput): Promise<string> {
    const { tasks } = this.#parts;
    return this.#run(call, "tasks:write", "submit_task", () => tasks.submit(input, call.caller.subject));
  }

  /** Where a task is. */
  task(call: Call, taskId: string): Promise<TaskState> {
    const context = currentContext();
    if (context !== undefined) context.task_id = taskId;
    return this.#run(call, "tasks:read", "get_task", () => this.#parts.tasks.get(taskId));
  }

  /** The tasks that something happened to last, the newest first. */
  recentTasks(call: Call): Promise<TaskState[]> {
    return this.#run(call, "tasks:read", "list_tasks", () => this.#parts.tasks.recent());
  }

  /** The pool of agents. */
  poolStatus(call: Call): Promise<PoolStatus> {
    return this.#run(call, "pool:read", "pool_status", () => this.#parts.pool.status());
  }

  /** The workers that are alive. */
  workers(call: Call): Promise<WorkerPresence[]> {
    return this.#run(call, "pool:read", "list_workers", () => this.#parts.pool.workers());
  }

  async #run<T>(call: Call, scope: Scope, operation: string, body: () => Promise<T>): Promise<T> {
    const { metrics, logger } = this.#parts;
    const { transport } = call;
    const fields = { operation, transport, client: call.caller.subject };
    const measured = metrics.requestSeconds.startTimer({ transport, route: operation });
    try {
      requireScope(call.caller, scope);
      const value = await body();
      metrics.requests.inc({ transport, route: operation, code: "ok" });
      logger.info(fields, "request answered");
      return value;
    } catch (error) {
      const known = toGatewayError(error);
      metrics.requests.inc({ transport, route: operation, code: known.code });
      const cause = known.cause instanceof Error ? { reason: known.cause.message } : {};
      logger.warn({ ...fields, ...cause, code: known.code }, known.message);
      throw known;
    } finally {
      measured();
    }
  }
}
