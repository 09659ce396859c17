/** Results of unit tests and linters for a terminal. */
import type { TestCount } from "./count-tests.ts";
import { textTable } from "./table.ts";

/** One part and how it ended. */
export interface TestLine {
  name: string;
  green: boolean;
  count: TestCount;
  seconds: number;
}

/** Writes one row per part, and the sum. A linter counts as one test. */
export function testsTable(results: readonly TestLine[]): string {
  const rows = results.map(({ name, green, count, seconds }) => [
    green ? "ok" : "FAILED",
    name,
    String(count.passed),
    String(count.failed),
    `${seconds.toFixed(1)} s`,
  ]);
  const table = textTable(["", "part", "passed", "failed", "time"], rows, [
    "left",
    "left",
    "right",
    "right",
    "right",
  ]);
  const sum = (key: keyof TestCount) => results.reduce((total, result) => total + countOf(result)[key], 0);
  return `${table}\n\n${sum("passed")} passed, ${sum("failed")} failed`;
}

// A part that is red without a failed test (a linter, a build that broke) still counts as a failure.
function countOf({ green, count }: TestLine): TestCount {
  if (green) return count.passed === 0 ? { passed: 1, failed: 0 } : count;
  return { passed: count.passed, failed: Math.max(count.failed, 1) };
}
