/** Tests of the pipeline: test/unit needs nothing, test/integration an AWS API (TEST_AWS_ENDPOINT). */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Only what hangs takes so long: on a busy machine a call of an API alone takes seconds.
    testTimeout: 60_000,
  },
});
