import type { z } from "zod";
import { GatewayError } from "./errors.ts";
import { checkText, decodeUtf8 } from "./unicode.ts";

/**
 * Checks a value against a schema, and every text of it.
 * @throws GatewayError MS-GW-003 naming the first field that is wrong, MS-GW-021 when a text is not valid Unicode
 */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  checkText(value);
  return matchInput(schema, value);
}

/**
 * Checks the form of a value alone; its texts are checked by whoever uses them.
 * @throws GatewayError MS-GW-003 naming the first field that is wrong
 */
export function matchInput<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const field = issue?.path.map(String).join(".");
  throw new GatewayError("MS-GW-003", `${field ? `${field}: ` : ""}${issue?.message ?? "not valid"}`);
}

/**
 * Parses JSON as it came, nested at most as deep as its readers go.
 * @throws GatewayError MS-GW-003 when it is not JSON or nested too deep, MS-GW-021 when it is not UTF-8
 */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  const text = decodeUtf8(bytes, what);
  checkDepth(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError("MS-GW-003", "not JSON");
  }
}

/**
 * Parses a message of NATS, under the same rules as other services do.
 * @throws GatewayError when it is not JSON in UTF-8 with whole characters
 */
export function readMessage(data: Uint8Array): unknown {
  const value = parseJson(data, "the message");
  checkText(value);
  return value;
}

/** Deepest nesting of JSON; readers of other languages stop at 128. */
const MAX_DEPTH = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** [ and {, ] and }. */
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

/** Looks at the bytes, because a value nested 200,000 times fails everything that walks through it. */
function checkDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) inText = !inText;
    else if (inText && byte === BACKSLASH) at += 1;
    else if (!inText && OPEN.includes(byte)) depth += 1;
    else if (!inText && CLOSE.includes(byte)) depth -= 1;
    if (depth > MAX_DEPTH) throw new GatewayError("MS-GW-003", `nested deeper than ${MAX_DEPTH} levels`);
  }
}
