/** NATS user keys: an Ed25519 pair in the text form of the nkeys specification. */
import { generateKeyPairSync } from "node:crypto";

/** One identity. The seed is secret; the server's configuration names the public key. */
export interface UserNkey {
  seed: string;
  publicKey: string;
}

const SEED_PREFIX = 18 << 3;
const USER_PREFIX = 20 << 3;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Makes a new identity. */
export function createUserNkey(): UserNkey {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return encodeUserNkey(Buffer.from(d, "base64url"), Buffer.from(x, "base64url"));
}

/** Writes a pair as text; each form carries what it is and a checksum. */
export function encodeUserNkey(seed: Uint8Array, publicKey: Uint8Array): UserNkey {
  const kind = [SEED_PREFIX | (USER_PREFIX >> 5), (USER_PREFIX & 31) << 3];
  return { seed: checked([...kind, ...seed]), publicKey: checked([USER_PREFIX, ...publicKey]) };
}

function checked(bytes: readonly number[]): string {
  const sum = crc16(bytes);
  return base32([...bytes, sum & 0xff, sum >> 8]);
}

// CRC-16 with the polynomial of XMODEM, as the specification asks for.
function crc16(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function base32(bytes: readonly number[]): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}
