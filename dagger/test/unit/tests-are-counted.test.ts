import { expect, it } from "vitest";
import { countTests } from "../../src/text/count-tests.ts";
import { megabytes, textTable } from "../../src/text/table.ts";

const ESC = String.fromCharCode(27);

it("adds up what cargo says of each binary", () => {
  const output = [
    "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
  ].join("\n");
  expect(countTests(output)).toEqual({ passed: 15, failed: 2 });
});

it("reads what vitest says, in colour too", () => {
  const line = `${ESC}[2m      Tests ${ESC}[22m ${ESC}[31m1 failed${ESC}[39m | ${ESC}[32m57 passed${ESC}[39m (58)`;
  expect(countTests(`\n${line}\n`)).toEqual({ passed: 57, failed: 1 });
  expect(countTests("Checked 3 files")).toEqual({ passed: 0, failed: 0 });
});

it("reads the closing line of our own checks, and no sentence like it", () => {
  const text = "ok  a check\n12 passed, 1 failed\nthey said: 3 passed, 4 failed";
  expect(countTests(text)).toEqual({ passed: 12, failed: 1 });
});

it("a table's columns are as wide as their widest cell", () => {
  expect(textTable(["name", "size"], [["supervisor", megabytes(5_012_345)]], ["left", "right"])).toBe(
    "name          size\n----------  ------\nsupervisor  5.0 MB",
  );
});
