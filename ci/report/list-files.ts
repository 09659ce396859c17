/** Lists a directory of the report. */
import { readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { ReportHandOffFile } from "./report.ts";

/** Every file below a directory, by its path from the directory's parent, in the order of their names. */
export function listFiles(directory: string): ReportHandOffFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
    .map((file) => ({
      path: join(basename(directory), relative(directory, file)),
      bytes: statSync(file).size,
    }));
}
