/** How many tests an output speaks of. */

/** Numbers of a run. */
export interface TestCount {
  passed: number;
  failed: number;
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Adds up what cargo, vitest and our own checks say. */
export function countTests(output: string): TestCount {
  const text = output.replace(ESCAPES, "");
  const count: TestCount = { passed: 0, failed: 0 };
  for (const [, passed, failed] of text.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
  }
  for (const [, line = ""] of text.matchAll(/^\s*Tests\s+(.*)$/gm)) {
    count.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
    count.failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
  }
  for (const [, passed, failed] of text.matchAll(/^(\d+) passed, (\d+) failed$/gm)) {
    count.passed += Number(passed);
    count.failed += Number(failed);
  }
  return count;
}
