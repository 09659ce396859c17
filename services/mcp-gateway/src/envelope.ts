import { randomBytes } from "node:crypto";
import { z } from "zod";

/** Names of agents, workers and roles; also one token of a NATS subject. */
export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Identities of jobs; also one token of a NATS subject. */
export const JOB_ID = /^[A-Za-z0-9-]{1,80}$/;

/** What every message on NATS has in common. */
export interface Envelope<Payload> {
  message_id: string;
  timestamp: string;
  source_agent?: string;
  target_agent?: string;
  correlation_id?: string;
  payload: Payload;
}

/** Wraps a payload; absent and undefined are the same. */
export function envelope<Payload>(
  payload: Payload,
  fields: { source_agent?: string | undefined; correlation_id?: string | undefined } = {},
): Envelope<Payload> {
  return {
    message_id: uuidV7(),
    timestamp: new Date().toISOString(),
    ...defined(fields),
    payload: defined(payload as object) as Payload,
  };
}

/** Schema of an envelope around a payload; unknown fields are refused, as in the contract. */
export function envelopeOf<Payload extends z.ZodType>(payload: Payload) {
  return z.strictObject({
    message_id: z.guid(),
    timestamp: z.iso.datetime({ offset: true }),
    source_agent: z.string().regex(NAME).optional(),
    target_agent: z.string().regex(NAME).optional(),
    correlation_id: z.guid().optional(),
    payload,
  });
}

/** The object without its undefined values. */
export function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A UUID of version 7: sorted by the time it was made. */
export function uuidV7(now = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
