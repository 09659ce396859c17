/**
 * A stream that gives every entry of a tar the same time, and leaves everything else as it is.
 * Times stand in each header and, finer, in pax records; both are the only part of a layer that
 * differs between two builds of the same content.
 */
import { Transform } from "node:stream";

const BLOCK = 512;
const MTIME = { at: 136, length: 12 };
const SIZE = { at: 124, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE_AT = 156;
const TIME_RECORDS = new Set(["mtime", "atime", "ctime"]);

/** Retimes the tar that is written to it. */
export class RetimeTar extends Transform {
  #epoch;
  #pending = [];
  #pendingBytes = 0;
  #state = { kind: "header" };

  /** @param {number} epoch seconds since 1970 */
  constructor(epoch) {
    super();
    this.#epoch = epoch;
  }

  _transform(chunk, _encoding, done) {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    try {
      while (this.#step()) {}
      done();
    } catch (error) {
      done(error);
    }
  }

  _flush(done) {
    if (this.#state.kind === "header" && this.#pendingBytes === 0) return done();
    done(new Error(`the tar ends inside of an entry (${this.#state.kind})`));
  }

  #step() {
    const state = this.#state;
    if (state.kind === "content") return this.#passContent(state);
    const wanted = state.kind === "header" ? BLOCK : padded(state.size);
    if (this.#pendingBytes < wanted) return false;
    const bytes = this.#take(wanted);
    if (state.kind === "records") this.#pushRecords(state, bytes);
    else this.#readHeader(bytes);
    return true;
  }

  #readHeader(header) {
    if (header.every((byte) => byte === 0)) return void this.push(header);
    const size = readSize(header);
    const type = String.fromCharCode(header[TYPE_AT]);
    if (type === "x" || type === "g") {
      this.#state = { kind: "records", header, size };
      return;
    }
    this.push(this.#retimed(header));
    this.#state = size > 0 ? { kind: "content", left: padded(size) } : { kind: "header" };
  }

  #passContent(state) {
    const first = this.#pending[0];
    if (!first) return false;
    const bytes = this.#take(Math.min(first.length, state.left));
    this.push(bytes);
    const left = state.left - bytes.length;
    this.#state = left > 0 ? { kind: "content", left } : { kind: "header" };
    return true;
  }

  #pushRecords(state, bytes) {
    const kept = withoutTimes(bytes.subarray(0, state.size));
    this.#state = { kind: "header" };
    if (kept.length === 0) return;
    const header = Buffer.from(state.header);
    writeOctal(header, SIZE, kept.length);
    this.push(this.#retimed(header));
    this.push(Buffer.concat([kept, Buffer.alloc(padded(kept.length) - kept.length)]));
  }

  #retimed(original) {
    const header = Buffer.from(original);
    writeOctal(header, MTIME, this.#epoch);
    header.fill(" ", CHECKSUM.at, CHECKSUM.at + CHECKSUM.length);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, CHECKSUM.at, "latin1");
    return header;
  }

  #take(length) {
    const parts = [];
    let missing = length;
    while (missing > 0) {
      const first = this.#pending[0];
      const part = first.subarray(0, missing);
      if (part.length === first.length) this.#pending.shift();
      else this.#pending[0] = first.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    this.#pendingBytes -= length;
    return parts.length === 1 ? parts[0] : Buffer.concat(parts);
  }
}

function padded(size) {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function writeOctal(header, field, value) {
  header.write(`${value.toString(8).padStart(field.length - 1, "0")}\0`, field.at, "latin1");
}

// A size beyond 8 GiB is written in base 256, marked by the first bit.
function readSize(header) {
  if ((header[SIZE.at] & 0x80) !== 0) return Number(header.readBigUInt64BE(SIZE.at + SIZE.length - 8));
  const text = header.toString("latin1", SIZE.at, SIZE.at + SIZE.length);
  return Number.parseInt(text.replace(/\0.*$/s, "").trim() || "0", 8);
}

// Each record is "<length> <key>=<value>\n"; its length counts all of it.
function withoutTimes(bytes) {
  const kept = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (!(length > 0)) throw new Error("a pax record has no length");
    const key = bytes.toString("utf8", space + 1, bytes.indexOf(0x3d, space));
    if (!TIME_RECORDS.has(key)) kept.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(kept);
}
