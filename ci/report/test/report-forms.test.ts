/** The forms of the report say the same thing, each in its own syntax. */
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { buildReport } from "../build-report.ts";
import { emitHtml } from "../html.ts";
import { emitJunit } from "../junit.ts";
import { emitMarkdown } from "../markdown.ts";
import { parseReport } from "../report.ts";
import { emitTerminal } from "../terminal.ts";
import { EXAMPLE } from "./example.ts";

const schema = JSON.parse(readFileSync(new URL("../report.schema.json", import.meta.url), "utf8")) as object;

function validator() {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  formats.default(ajv);
  return ajv.compile(schema);
}

describe("report.json", () => {
  it("is valid by the schema", () => {
    const validate = validator();
    expect(validate(EXAMPLE), JSON.stringify(validate.errors)).toBe(true);
    expect(parseReport(JSON.stringify(EXAMPLE))).toEqual(EXAMPLE);
  });

  it("is refused by the schema when a row has an unknown status", () => {
    const [first] = EXAMPLE.checks;
    expect(validator()({ ...EXAMPLE, checks: [{ ...first, status: "maybe" }] })).toBe(false);
  });
});

describe("buildReport", () => {
  it("fills limits from the specs and ready times from the checklist", () => {
    const images = [{ name: "supervisor", bytes: 5, compressedBytes: 2 }];
    const budget = { goal: 1, limit: 9 };
    const system = new Map([["supervisor", { budgets: { imageBytes: budget, readyMs: budget } }]]) as never;
    const report = buildReport(
      {
        checks: { checks: EXAMPLE.checks, readyMs: { supervisor: 7 } },
        images,
        environment: EXAMPLE.environment,
      },
      system,
    );
    expect(report.images[0]).toMatchObject({ limitBytes: 9, readyMs: 7, limitReadyMs: 9, digest: "" });
    expect(report.summary).toEqual({ status: "fail", passed: 1, failed: 1 });
  });

  it("names an image that nobody limits", () => {
    const images = [{ name: "other", bytes: 5, compressedBytes: 2 }];
    const inputs = { checks: { checks: [], readyMs: {} }, images, environment: EXAMPLE.environment };
    expect(() => buildReport(inputs, new Map())).toThrow(/MS-CHECK-020 the image other/);
  });
});

describe("the terminal's table", () => {
  it("shows every row with its time, and why it is red", () => {
    const text = emitTerminal(EXAMPLE, { colour: false });
    expect(text).toContain("ok   1 Supervisor spawns workers in container     4.2 s   agent processes: 10");
    expect(text).toContain("FAIL 6 Resource limits enforced");
    expect(text).toContain("LIMIT-1 a hog");
    expect(text).toContain(
      "1 passed, 1 failed   engine v0.19.10, stand-in base images, 2 cores, 0123456789ab",
    );
    expect(text).toContain("310.0 MB");
    expect(text).not.toContain("\u001b");
  });

  it("uses colours on request", () => {
    expect(emitTerminal(EXAMPLE, { colour: true })).toContain("\u001b[31mFAIL");
  });
});

describe("report.md", () => {
  it("keeps its tables whole", () => {
    const text = emitMarkdown(EXAMPLE);
    expect(text).toContain('**LIMIT-1 a hog <lives> \\| "on"**<br>peak: 268.4 MB');
    expect(text).toContain("| tools | 310.0 MB | 100.0 MB | 300.0 MB | 103 % | - | - | not published |");
  });
});

describe("junit.xml", () => {
  it("escapes and counts", () => {
    const text = emitJunit(EXAMPLE);
    expect(text).toContain('tests="2" failures="1" time="69.210"');
    expect(text).toContain('<failure message="LIMIT-1 a hog &lt;lives&gt; | &quot;on&quot;"/>');
  });
});

describe("report.html", () => {
  it("needs nothing from outside and draws three charts", () => {
    const text = emitHtml(EXAMPLE);
    expect(text.match(/<svg /g)).toHaveLength(3);
    expect(text).not.toMatch(/<script|src=|<link/);
    expect(text).toContain("var(--good)");
    expect(text).not.toMatch(/#0[1-5]0[1-5]0[1-5]/);
    expect(text).toContain("LIMIT-1 a hog &lt;lives&gt;");
  });
});
