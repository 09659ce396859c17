// A discovery: as agents hand it in, as it is stored, as every transport shows it. Pure.
import { z } from "zod";
import { envelopeOf, NAME } from "../envelope.ts";
import { readMessage } from "../input.ts";

/** Kinds of discovery, in the order of the gRPC enum. */
export const DISCOVERY_TYPES = [
  "pattern",
  "anomaly",
  "connection",
  "solution",
  "question",
  "insight",
] as const;

/** What a caller hands in; who found it comes from the token. */
export const discoveryInput = z.object({
  type: z
    .enum(DISCOVERY_TYPES)
    .describe(
      "Kind: pattern (something that repeats), anomaly (something odd), connection (two things that belong together), solution, question (something open), insight",
    ),
  content: z
    .string()
    .min(1)
    .max(65_536)
    .describe("The discovery in full sentences that make sense without this conversation"),
  confidence: z.number().min(0).max(1).describe("How sure you are, from 0 (a guess) to 1 (proven)"),
  tags: z.array(z.string().min(1).max(64)).max(16).optional().describe("A few words to find it by"),
  related_to: z
    .array(z.int().min(1))
    .max(16)
    .optional()
    .describe("Sequences of earlier discoveries that it builds on"),
});

/** What a caller hands in. */
export type DiscoveryInput = z.infer<typeof discoveryInput>;

const payload = discoveryInput
  .extend({
    agent_id: z.string().regex(NAME),
    role: z.string().regex(NAME).optional(),
    task_id: z.guid().optional(),
  })
  .strict();

/** The message as it lies in the stream. */
export const discoveryMessage = envelopeOf(payload);

/** A discovery as transports show it; `sequence` is its place in the stream and the event id everywhere. */
export const discovery = z.object({
  sequence: z.int().describe("Place in the stream; names the discovery everywhere"),
  timestamp: z.string().describe("Time it was shared, RFC 3339"),
  agent_id: z.string().describe("Agent that found it"),
  role: z.string().optional().describe("Role of that agent"),
  type: z.enum(DISCOVERY_TYPES),
  content: z.string(),
  confidence: z.number(),
  task_id: z.string().optional().describe("Task in which it was found"),
  tags: z.array(z.string()).optional(),
  related_to: z.array(z.int()).optional(),
});

/** A discovery as transports show it. */
export type Discovery = z.infer<typeof payload> & { sequence: number; timestamp: string };

/** Reads a message of the stream; undefined when it is not valid. */
export function parseDiscovery(sequence: number, data: Uint8Array): Discovery | undefined {
  try {
    const read = discoveryMessage.safeParse(readMessage(data));
    return read.success ? { sequence, timestamp: read.data.timestamp, ...read.data.payload } : undefined;
  } catch {
    return undefined;
  }
}

const texts = new WeakMap<Discovery, string>();

/** The discovery as JSON; made once, however many subscribers it goes to. */
export function discoveryJson(event: Discovery): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    texts.set(event, text);
  }
  return text;
}
