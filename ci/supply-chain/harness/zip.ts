/** Writes zip archives without compression, as the vulnerability database is one. */
import { crc32 } from "node:zlib";

const UTF8_NAMES = 0x0800;
const MIDNIGHT_1980 = { time: 0, date: 0x0021 };

/** An archive of files by name. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const common = commonHead(name, content);
    const local = Buffer.concat([signature(0x04034b50), common, Buffer.from(name), content]);
    entries.push(Buffer.concat([signature(0x02014b50), uint16(20), common, tail(offset), Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const count = entries.length;
  const end = Buffer.concat([
    ...[signature(0x06054b50), uint16(0), uint16(0), uint16(count), uint16(count)],
    ...[uint32(directory.length), uint32(offset), uint16(0)],
  ]);
  return Buffer.concat([...locals, directory, end]);
}

// Version, flags, method, time, date, sum, both sizes, length of the name, no extra field.
function commonHead(name: string, content: Buffer): Buffer {
  return Buffer.concat([
    ...[uint16(20), uint16(UTF8_NAMES), uint16(0), uint16(MIDNIGHT_1980.time), uint16(MIDNIGHT_1980.date)],
    ...[uint32(crc32(content)), uint32(content.length), uint32(content.length)],
    ...[uint16(Buffer.byteLength(name)), uint16(0)],
  ]);
}

// No comment, disk 0, no attributes, where the local head stands.
function tail(offset: number): Buffer {
  return Buffer.concat([uint16(0), uint16(0), uint16(0), uint32(0), uint32(offset)]);
}

function signature(value: number): Buffer {
  return uint32(value);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
