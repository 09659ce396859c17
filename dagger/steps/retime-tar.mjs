/**
 * A stream that gives every entry of a tar the same time, and leaves everything else as it is.
 * Times stand in each header and, finer, in pax records; both are the only part of a layer that
 * differs between two builds of the same content.
 */
import { Transform } from "node:stream";
import { BLOCK, FIELDS, padding, readNumber, readRecords } from "./tar-format.mjs";

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
    const size = readNumber(header, FIELDS.size);
    const type = String.fromCharCode(header[FIELDS.type.at]);
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
    writeOctal(header, FIELDS.size, kept.length);
    this.push(this.#retimed(header));
    this.push(Buffer.concat([kept, Buffer.alloc(padded(kept.length) - kept.length)]));
  }

  #retimed(original) {
    const header = Buffer.from(original);
    writeOctal(header, FIELDS.mtime, this.#epoch);
    const { at, length } = FIELDS.checksum;
    header.fill(" ", at, at + length);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, at, "latin1");
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
  return size + padding(size);
}

function writeOctal(header, field, value) {
  header.write(`${value.toString(8).padStart(field.length - 1, "0")}\0`, field.at, "latin1");
}

function withoutTimes(bytes) {
  return Buffer.concat(
    readRecords(bytes)
      .filter(({ key }) => !TIME_RECORDS.has(key))
      .map((record) => record.bytes),
  );
}
