/** Unit tests of ci/. The checklist's rows need images and root: they have a configuration of their own. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["*/test/**/*.test.ts", "*/*/test/**/*.test.ts"],
    // Some start programs of their own; on a busy machine that alone takes seconds.
    testTimeout: 60_000,
  },
});
