/** The rows, and then what only Docker Compose can show, which takes the system down. */
import { defineConfig } from "vitest/config";
import { rowsRun } from "../checklist/rows-run.ts";

const FILES = ["checklist/[1-7]-*.test.ts", "compose-check/*.test.ts"];

export default defineConfig({ test: rowsRun(FILES, 240_000, "out/compose-check") });
