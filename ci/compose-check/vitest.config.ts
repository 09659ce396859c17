/** Runs the rows of the checklist and then what only Docker Compose can show, all against one system. */
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By path: the rows in their order, then the file of this directory, which takes the system down. */
class ByPath extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ["checklist/[1-7]-*.test.ts", "compose-check/*.test.ts"],
    pool: "forks",
    isolate: false,
    fileParallelism: false,
    maxWorkers: 1,
    hookTimeout: 240_000,
    teardownTimeout: 2000,
    sequence: { sequencer: ByPath },
    reporters: ["verbose", "json"],
    outputFile: { json: `${process.env.OUT_DIR ?? "out/compose-check"}/vitest.json` },
  },
});
