import { expect, it } from "vitest";
import { newsOf } from "../progress.ts";

it("shows tests and our crates, with the time since the container began", () => {
  const printed =
    "\u001b[32m✓\u001b[39m 3-x.test.ts\u001b[2m > \u001b[22m3 A row > PATH-1 a task\u001b[33m 12ms\u001b[39m";
  expect(newsOf(`300 : ┆ [1m23s] |  ${printed}`)).toBe("   1m23s  ✓ PATH-1 a task 12ms");
  expect(newsOf("99  : ┆ [8m6s] |    Compiling supervisor v0.1.0 (/src/supervisor)")).toBe(
    "    8m6s    Compiling supervisor v0.1.0 (/src/supervisor)",
  );
});

it("keeps back the calls below a function, other output and what took no time", () => {
  for (const line of [
    '16  : ┆ Directory.file(path: "package.json"): File!',
    "91  : ┆ [3m7s] |    Compiling httparse v1.10.1",
    "13  : parsing command line arguments DONE [0.0s]",
    "14  : mistersmith(",
    "",
  ])
    expect(newsOf(line)).toBeUndefined();
});

it("shows what ended, what failed and what is no progress", () => {
  expect(newsOf("15  : Mistersmith.report DONE [16m4s]")).toBe("  Mistersmith.report (16m4s)");
  expect(newsOf("15  : ┆ Container.withExec ERROR [2.0s]")).toContain("ERROR");
  expect(newsOf("Error: MS-PIPE-004 the checklist is red")).toBe("Error: MS-PIPE-004 the checklist is red");
});
