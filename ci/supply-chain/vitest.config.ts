/** Tests with the real syft, osv-scanner, cosign and crane, and a registry (TEST_REGISTRY). */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Registries without a referrers API keep one index per image; one writer at a time.
    fileParallelism: false,
  },
});
