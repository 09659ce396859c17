import { defineConfig } from "vitest/config";
import { rowsRun } from "./rows-run.ts";

export default defineConfig({ test: rowsRun(["[1-7]-*.test.ts"], 120_000, "out/checklist") });
