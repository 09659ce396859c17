/** How vitest runs rows: one process, one file after another, the system shared between them. */
import type { InlineConfig } from "vitest/node";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The rows in the order of their numbers, since the last one reads what all the others left; then other files. */
class ByPath extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

/** Settings of such a run; its results are in vitest.json of OUT_DIR, or of the directory given. */
export function rowsRun(include: string[], hookTimeout: number, outDir: string): InlineConfig {
  return {
    include,
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    hookTimeout,
    teardownTimeout: 2000,
    sequence: { sequencer: ByPath },
    reporters: ["verbose", "json"],
    outputFile: { json: `${process.env.OUT_DIR ?? outDir}/vitest.json` },
  };
}
