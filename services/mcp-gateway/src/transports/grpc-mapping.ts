// Between the messages of gateway.proto and the forms that every transport shares. Pure.
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import {
  DISCOVERY_TYPES,
  type Discovery,
  type DiscoveryInput,
  discoveryInput,
} from "../discoveries/event.ts";
import { parseFilter, type SubscriptionRequest } from "../discoveries/filter.ts";
import { toGatewayError } from "../errors.ts";
import type {
  DiscoveryType,
  ShareDiscoveryRequest,
  SubmitTaskRequest,
  SubscribeDiscoveriesRequest,
} from "../gen/mistersmith/v1/gateway_pb.ts";
import { parseInput } from "../input.ts";
import type { PoolStatus } from "../pool.ts";
import { type TaskInput, type TaskState, taskInput } from "../tasks.ts";

/** @throws GatewayError MS-GW-003 naming the field */
export function fromSubscribe({ filter, afterSequence }: SubscribeDiscoveriesRequest): SubscriptionRequest {
  return {
    filter: parseFilter({
      agent_ids: filter?.agentIds,
      roles: filter?.roles,
      types: filter?.types.map(typeName),
      min_confidence: filter?.minConfidence,
      text: filter?.text,
    }),
    after: afterSequence === undefined ? undefined : Number(afterSequence),
  };
}

/** @throws GatewayError MS-GW-003 naming the field */
export function fromShare(message: ShareDiscoveryRequest): DiscoveryInput {
  const { content, confidence, tags, relatedTo } = message;
  return parseInput(discoveryInput, {
    type: typeName(message.type),
    content,
    confidence,
    tags: tags.length > 0 ? tags : undefined,
    related_to: relatedTo.length > 0 ? relatedTo.map(Number) : undefined,
  });
}

/** Empty fields count as left out. @throws GatewayError MS-GW-003 naming the field */
export function fromSubmit(message: SubmitTaskRequest): TaskInput {
  return parseInput(taskInput, {
    prompt: message.prompt,
    role: message.role || undefined,
    priority: message.priority || undefined,
    budget_usd: message.budgetUsd || undefined,
    timeout_ms: Number(message.timeoutMs) || undefined,
  });
}

/** A discovery as message. */
export function toDiscovery(event: Discovery) {
  return {
    sequence: BigInt(event.sequence),
    agentId: event.agent_id,
    role: event.role ?? "",
    type: (DISCOVERY_TYPES.indexOf(event.type) + 1) as DiscoveryType,
    content: event.content,
    confidence: event.confidence,
    taskId: event.task_id ?? "",
    tags: event.tags ?? [],
    relatedTo: (event.related_to ?? []).map(BigInt),
    timestamp: timestampFromDate(new Date(event.timestamp)),
  };
}

/** Where a task is, as message. */
export function toTask(task: TaskState) {
  return {
    taskId: task.task_id,
    state: task.state,
    agentId: task.agent_id ?? "",
    workerId: task.worker_id ?? "",
    result: task.result ?? "",
    errorCode: task.error?.code ?? "",
    errorMessage: task.error?.message ?? "",
    costUsd: task.cost_usd ?? 0,
  };
}

/** The pool as message. */
export function toPool({ size, ready, agents }: PoolStatus) {
  const message = (agent: PoolStatus["agents"][number]) => ({
    agentId: agent.agent_id,
    role: agent.role,
    state: agent.state,
    restarts: agent.restarts,
    taskId: agent.task_id ?? "",
  });
  return { size, ready, agents: agents.map(message) };
}

/** A failure as gRPC status; the trailers carry the code and the sequence to resume from. */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const known = toGatewayError(error);
  const { after, retryAfter } = known.extras;
  const trailers = new Headers({ "ms-code": known.code });
  if (after !== undefined) trailers.set("ms-after", String(after));
  if (retryAfter !== undefined) trailers.set("retry-after", String(retryAfter));
  return new ConnectError(known.message, known.mapping.grpc, trailers);
}

/** Number 0 is the unspecified kind, which no discovery has: the schema then refuses it by name. */
function typeName(type: DiscoveryType): string {
  return DISCOVERY_TYPES[type - 1] ?? "unspecified";
}
