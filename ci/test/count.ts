/** How many tests passed and failed, and how to read that from what the parts print. */

/** A sum of tests. */
export interface Count {
  passed: number;
  failed: number;
}

/** Adds up. */
export function sum(counts: readonly Count[]): Count {
  return {
    passed: counts.reduce((total, count) => total + count.passed, 0),
    failed: counts.reduce((total, count) => total + count.failed, 0),
  };
}

/** The last `N passed, N failed` of an output; undefined when it has none. */
export function countIn(output: string): Count | undefined {
  const last = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  return last && { passed: Number(last[1]), failed: Number(last[2]) };
}

/** What a part that ended with this code counts as: red is never less than one failure. */
export function countOf(output: string, exitCode: number): Count {
  const found = countIn(output);
  if (exitCode === 0) return found ?? { passed: 1, failed: 0 };
  return { passed: found?.passed ?? 0, failed: Math.max(found?.failed ?? 0, 1) };
}

/** Green and red rows of a report. */
export function countReport(report: { checks: readonly { status: string }[] }): Count {
  const passed = report.checks.filter((check) => check.status === "pass").length;
  return { passed, failed: report.checks.length - passed };
}
