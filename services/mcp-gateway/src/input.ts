import type { z } from "zod";
import { GatewayError } from "./errors.ts";

/**
 * Checks a value against a schema.
 * @throws GatewayError MS-GW-003 naming the first field that is wrong
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.map(String).join(".");
  throw new GatewayError("MS-GW-003", `${field ? `${field}: ` : ""}${issue?.message ?? "not valid"}`);
}

/**
 * Parses JSON.
 * @throws GatewayError MS-GW-003 when the text is not JSON
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("MS-GW-003", "not JSON");
  }
}
