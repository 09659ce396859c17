/**
 * Reads a tar as it comes: for each entry its head, then its content in pieces.
 * Long names (GNU) and extended heads (pax) are resolved, so that a path is always whole.
 */
import { Writable } from "node:stream";
import { BLOCK, FIELDS, padding, readNumber, readRecords, readText } from "./tar-format.mjs";

const KINDS = { 0: "file", "\0": "file", 7: "file", 1: "hardlink", 2: "symlink", 5: "directory" };

/**
 * A stream to write a tar to.
 *
 * @param {{ entry: (head: object) => void, content?: (chunk: Buffer) => void, end?: () => void }} reader
 *   `entry` gets {path, type, mode, uid, gid, size}; `end` is called after the content of each entry
 */
export class ReadTar extends Writable {
  #reader;
  #pending = Buffer.alloc(0);
  #state = { kind: "header" };
  /** What an extended head says about the entry that follows. */
  #next = {};

  constructor(reader) {
    super();
    this.#reader = reader;
  }

  _write(chunk, _encoding, done) {
    try {
      this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
      while (this.#step()) {}
      done();
    } catch (error) {
      done(error);
    }
  }

  _final(done) {
    const whole = this.#state.kind === "header" && this.#pending.length === 0;
    done(whole ? undefined : new Error("the tar ends inside of an entry"));
  }

  #step() {
    if (this.#state.kind === "content") return this.#passContent(this.#state);
    if (this.#state.kind === "extra") return this.#readExtra(this.#state);
    const header = this.#take(BLOCK);
    if (!header) return false;
    if (!header.every((byte) => byte === 0)) this.#readHeader(header);
    return true;
  }

  #readHeader(header) {
    const type = String.fromCharCode(header[FIELDS.type.at]);
    const size = readNumber(header, FIELDS.size);
    if ("xLK".includes(type)) {
      this.#state = { kind: "extra", type, size };
      return;
    }
    const prefix = readText(header, FIELDS.magic) === "ustar" ? readText(header, FIELDS.prefix) : "";
    const name = readText(header, FIELDS.name);
    const real = Number(this.#next.size ?? size);
    if (type !== "g")
      this.#reader.entry({
        path: absolute(this.#next.path ?? (prefix === "" ? name : `${prefix}/${name}`)),
        type: KINDS[type] ?? "other",
        mode: readNumber(header, FIELDS.mode) & 0o7777,
        uid: Number(this.#next.uid ?? readNumber(header, FIELDS.uid)),
        gid: Number(this.#next.gid ?? readNumber(header, FIELDS.gid)),
        size: real,
      });
    this.#next = {};
    this.#state = { kind: "content", left: real, padding: padding(real), global: type === "g" };
  }

  #passContent(state) {
    if (state.left > 0) {
      const chunk = this.#pending.subarray(0, state.left);
      if (chunk.length === 0) return false;
      this.#pending = this.#pending.subarray(chunk.length);
      state.left -= chunk.length;
      if (!state.global) this.#reader.content?.(chunk);
      return true;
    }
    if (!this.#take(state.padding)) return false;
    if (!state.global) this.#reader.end?.();
    this.#state = { kind: "header" };
    return true;
  }

  #readExtra({ type, size }) {
    const bytes = this.#take(size + padding(size));
    if (!bytes) return false;
    const content = bytes.subarray(0, size);
    if (type === "L") this.#next.path = readText(content, { at: 0, length: size });
    if (type === "x") Object.assign(this.#next, valuesOf(content));
    this.#state = { kind: "header" };
    return true;
  }

  #take(length) {
    if (this.#pending.length < length) return undefined;
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return bytes;
  }
}

function absolute(path) {
  return `/${path.replace(/^\.?\/+/, "").replace(/\/+$/, "")}`.replace(/^\/\.$/, "/");
}

function valuesOf(bytes) {
  return Object.fromEntries(readRecords(bytes).map(({ key, value }) => [key, value]));
}
