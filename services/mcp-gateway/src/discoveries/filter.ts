// Which discoveries a subscriber wants. Pure: every transport maps its own form to this one.
import { z } from "zod";
import { parseInput } from "../input.ts";
import { DISCOVERY_TYPES, type Discovery } from "./event.ts";

/** An empty list, 0 and an empty text match everything. */
export interface DiscoveryFilter {
  readonly agentIds: readonly string[];
  readonly roles: readonly string[];
  readonly types: readonly Discovery["type"][];
  readonly minConfidence: number;
  /** Part of the content, in any case. */
  readonly text: string;
}

/** What a subscriber asks for. */
export interface SubscriptionRequest {
  readonly filter: DiscoveryFilter;
  /** Last sequence seen, 0 for all that is stored; undefined begins with what comes next. */
  readonly after: number | undefined;
}

/** The JSON form of a filter, as MCP tools and WebSocket frames carry it. */
export const filterFields = {
  agent_ids: z.array(z.string()).default([]).describe("Only discoveries of these agents"),
  roles: z.array(z.string()).default([]).describe("Only discoveries of agents in these roles"),
  types: z.array(z.enum(DISCOVERY_TYPES)).default([]).describe("Only these kinds"),
  min_confidence: z.number().min(0).max(1).default(0).describe("Only discoveries at least this sure, 0 to 1"),
  text: z.string().max(1024).default("").describe("Only discoveries that contain this text, in any case"),
};

const filterInput = z.strictObject(filterFields);

/** Sequence of the last discovery seen. */
export const afterInput = z.int().min(0);

/** Whether a discovery passes. */
export function matches(filter: DiscoveryFilter, event: Discovery): boolean {
  return (
    among(filter.agentIds, event.agent_id) &&
    among(filter.roles, event.role) &&
    among(filter.types, event.type) &&
    event.confidence >= filter.minConfidence &&
    (filter.text === "" || event.content.toLowerCase().includes(filter.text.toLowerCase()))
  );
}

/** The filter from its JSON form. */
export function toFilter(input: z.infer<typeof filterInput>): DiscoveryFilter {
  const { agent_ids: agentIds, roles, types, min_confidence: minConfidence, text } = input;
  return { agentIds, roles, types, minConfidence, text };
}

/**
 * Reads the JSON form of a filter.
 * @throws GatewayError MS-GW-003 naming the field
 */
export function parseFilter(value: unknown): DiscoveryFilter {
  return toFilter(parseInput(filterInput, value ?? {}));
}

const queryInput = z.object({
  agent: z.array(z.string()),
  role: z.array(z.string()),
  type: z.array(z.enum(DISCOVERY_TYPES)),
  min_confidence: z.coerce.number().min(0).max(1),
  text: filterFields.text,
  after: z.coerce.number().pipe(afterInput).optional(),
});

/**
 * Reads `?agent=&role=&type=&min_confidence=&text=&after=`; lists are separated by commas or repeated.
 * @throws GatewayError MS-GW-003 naming the parameter
 */
export function parseQuery(parameters: URLSearchParams): SubscriptionRequest {
  const list = (name: string) =>
    parameters
      .getAll(name)
      .flatMap((value) => value.split(","))
      .filter(Boolean);
  const read = parseInput(queryInput, {
    agent: list("agent"),
    role: list("role"),
    type: list("type"),
    min_confidence: parameters.get("min_confidence") || 0,
    text: parameters.get("text") ?? "",
    after: parameters.get("after") || undefined,
  });
  return {
    filter: {
      agentIds: read.agent,
      roles: read.role,
      types: read.type,
      minConfidence: read.min_confidence,
      text: read.text,
    },
    after: read.after,
  };
}

function among(list: readonly string[], value: string | undefined): boolean {
  return list.length === 0 || (value !== undefined && list.includes(value));
}
