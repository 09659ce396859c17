/** Runs the rows: one process, one after another, the system shared between them. */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Rows run in the order of their numbers: the last one reads what all the others left. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ["[1-7]-*.test.ts"],
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    hookTimeout: 120_000,
    teardownTimeout: 2000,
    sequence: { sequencer: ByName },
    reporters: ["verbose", "json"],
    outputFile: { json: `${process.env.OUT_DIR ?? "out/checklist"}/vitest.json` },
  },
});
