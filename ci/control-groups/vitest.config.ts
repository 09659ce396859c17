/** What needs root and the kernel of the machine; main.ts asks first whether it can run. */
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["*.test.ts"], testTimeout: 120_000 } });
