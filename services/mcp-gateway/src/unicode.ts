// Text that every service can read: half a character (an unpaired surrogate) is text for JavaScript alone, and bytes
// that are not UTF-8 become other bytes when they are passed on. Pure.
import { isUtf8 } from "node:buffer";
import { GatewayError } from "./errors.ts";

/** A surrogate that has no pair; with the flag `u` a pair is one character. */
const HALF = /\p{Surrogate}/u;

/**
 * Checks every text of a value, keys too.
 * @throws GatewayError MS-GW-021 naming the field
 */
export function checkText(value: unknown, field = ""): void {
  if (typeof value === "string") {
    if (HALF.test(value)) throw notUnicode(field, "holds half a character, such as \\ud83d without its pair");
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    const place = field === "" ? key : `${field}.${key}`;
    if (HALF.test(key)) throw notUnicode(field, "has a name that holds half a character");
    checkText(entry, place);
  }
}

/**
 * Decodes UTF-8.
 * @throws GatewayError MS-GW-021 naming `what` when the bytes are something else
 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw notUnicode(what, "is not UTF-8");
  return new TextDecoder().decode(bytes);
}

/**
 * Checks the target of a request: what its %XX stand for must be UTF-8.
 * @throws GatewayError MS-GW-021 naming the parameter
 */
export function checkTarget(target: string): void {
  const [path = "", ...parts] = target.split(/[?&]/);
  if (!isUtf8(unescapeBytes(path))) throw notUnicode("the path", "is not UTF-8");
  for (const part of parts) {
    const name = part.split("=", 1)[0] ?? "";
    if (!isUtf8(unescapeBytes(part))) throw notUnicode(name.slice(0, NAME_SHOWN), "is not UTF-8");
  }
}

/** Part of a parameter's name that an error shows. */
const NAME_SHOWN = 80;

function unescapeBytes(text: string): Buffer {
  const byte = (_: string, hex: string) => String.fromCharCode(Number.parseInt(hex, 16));
  return Buffer.from(text.replace(/%([0-9a-f]{2})/gi, byte), "latin1");
}

function notUnicode(field: string, what: string): GatewayError {
  return new GatewayError("MS-GW-021", field === "" ? `it ${what}` : `${field} ${what}`);
}
