import { randomUUID } from "node:crypto";

/** A word that no other run has. */
export function newNonce(): string {
  return randomUUID();
}
