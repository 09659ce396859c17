/** Size of a root file system. */
import { lstatSync, readdirSync } from "node:fs";

/** Bytes of all regular files below a directory; a file with several names counts once. */
export function sizeOfTree(root: string): number {
  const seen = new Set<string>();
  let bytes = 0;
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const { dev, ino, size } = lstatSync(`${entry.parentPath}/${entry.name}`);
    if (seen.has(`${dev}:${ino}`)) continue;
    seen.add(`${dev}:${ino}`);
    bytes += size;
  }
  return bytes;
}
