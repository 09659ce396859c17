/** What every reader of a tar has to know of its format: blocks, numbers, the records of extended heads (pax). */

/** Size of a block, bytes. */
export const BLOCK = 512;

/** Where the fields of a head are, bytes. */
export const FIELDS = {
  name: { at: 0, length: 100 },
  mode: { at: 100, length: 8 },
  uid: { at: 108, length: 8 },
  gid: { at: 116, length: 8 },
  size: { at: 124, length: 12 },
  mtime: { at: 136, length: 12 },
  checksum: { at: 148, length: 8 },
  type: { at: 156, length: 1 },
  magic: { at: 257, length: 5 },
  prefix: { at: 345, length: 155 },
};

/** Bytes between a content of this size and the next head. */
export function padding(size) {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** A text that ends with its field or with a zero. */
export function readText(bytes, { at, length }) {
  const text = bytes.toString("utf8", at, at + length);
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

/** A number in octal; one beyond its field is written in base 256, marked by the first bit. */
export function readNumber(bytes, field) {
  const { at, length } = field;
  if ((bytes[at] & 0x80) !== 0) return Number(bytes.readBigUInt64BE(at + length - 8));
  return Number.parseInt(readText(bytes, field).trim() || "0", 8);
}

/** The records of an extended head, each as {key, value, bytes}: "<length> <key>=<value>\n", counted as a whole. */
export function readRecords(bytes) {
  const records = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, space));
    if (!(length > 0)) throw new Error("a pax record has no length");
    const text = bytes.toString("utf8", space + 1, at + length - 1);
    const equals = text.indexOf("=");
    const [key, value] = [text.slice(0, equals), text.slice(equals + 1)];
    records.push({ key, value, bytes: bytes.subarray(at, at + length) });
    at += length;
  }
  return records;
}
