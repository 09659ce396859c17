/** The forms of the report say the same thing, each in its own syntax. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, it, onTestFinished } from "vitest";
import { buildReport } from "../build-report.ts";
import { emitHtml } from "../html.ts";
import { emitJunit } from "../junit.ts";
import { listFiles } from "../list-files.ts";
import { emitMarkdown } from "../markdown.ts";
import { parseReport, type ReportImageEvidence } from "../report.ts";
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
  const nothing = { evidence: [], handOff: [] };

  it("fills limits from the specs and ready times from the checklist", () => {
    const images = [{ name: "supervisor", platform: "linux/amd64", bytes: 5, compressedBytes: 2 }];
    const budget = { goal: 1, limit: 9 };
    const system = new Map([["supervisor", { budgets: { imageBytes: budget, readyMs: budget } }]]) as never;
    const report = buildReport(
      {
        checks: { checks: EXAMPLE.checks, readyMs: { supervisor: 7 } },
        images,
        environment: EXAMPLE.environment,
        ...nothing,
      },
      system,
    );
    expect(report).not.toHaveProperty("handOff");
    expect(report.images[0]).not.toHaveProperty("evidence");
    expect(report.images[0]).toMatchObject({ limitBytes: 9, readyMs: 7, limitReadyMs: 9, digest: "" });
    expect(report.summary).toEqual({ status: "fail", passed: 1, failed: 1 });
  });

  it("names an image that nobody limits", () => {
    const images = [{ name: "other", platform: "linux/amd64", bytes: 5, compressedBytes: 2 }];
    const checks = { checks: [], readyMs: {} };
    const inputs = { checks, images, environment: EXAMPLE.environment, ...nothing };
    expect(() => buildReport(inputs, new Map())).toThrow(/MS-CHECK-020 the image other/);
  });

  it("gives each image its own evidence, and lists the hand-off", () => {
    const [first, second] = EXAMPLE.images;
    const evidence = [second, first].map((image) => ({
      ...(image?.evidence as ReportImageEvidence),
      ...{ image: image?.name ?? "", digest: "sha256:aa" },
    }));
    const { environment, handOff = [] } = EXAMPLE;
    const images = EXAMPLE.images.map(({ evidence: _without, ...image }) => image);
    const checks = { checks: EXAMPLE.checks, readyMs: {} };
    const report = buildReport({ checks, images, environment, evidence, handOff }, new Map());
    expect(report).toEqual(EXAMPLE);
  });
});

describe("the terminal's table", () => {
  it("shows every row with its time, and why it is red", () => {
    const text = emitTerminal(EXAMPLE, { colour: false });
    expect(text).toContain("ok   1 Supervisor spawns workers in container     4.2 s   agent processes: 10");
    expect(text).toContain("FAIL 6 Resource limits enforced");
    expect(text).toContain("LIMIT-1 a hog");
    expect(text).toContain(
      "1 passed, 1 failed   engine v0.19.10, linux/amd64, stand-in base images, 2 cores, 0123456789ab",
    );
    expect(text).toContain("310.0 MB");
    expect(text).not.toContain("\u001b");
  });

  it("shows what is in each image, and does not call one clean that nobody scanned", () => {
    const lines = emitTerminal(EXAMPLE, { colour: false }).split("\n");
    const cells = lines.filter((line) => /^(supervisor|tools) .*(signed|published)$/.test(line));
    expect(
      cells.map((line) => line.split(/ {2,}/)).filter((row) => row.length === 7 && row[1]?.length === 1),
    ).toEqual([
      [
        ...["supervisor", "2", "167: cargo 165, deb 2", "not scanned: no database"],
        ...["9, mostly MIT OR Apache-2.0", "clean", "unsigned"],
      ],
      [
        ...["tools", "1", "400: golang 400", "1 critical, 2 low, 1 ignored, 1 refused"],
        ...["12, mostly Apache-2.0, 1 refused", "3 of setuid, shell", "unpublished"],
      ],
    ]);
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

  it("has the evidence of each image, its layers and the files of the hand-off", () => {
    const text = emitMarkdown(EXAMPLE);
    expect(text).toContain("| supervisor | 2 | 167: cargo 165, deb 2 | not scanned: no database |");
    expect(text).toContain("| supervisor | 1 | 2.0 kB | 0.9 kB | `sha256:abababababab` |");
    expect(text).toContain("| supervisor | 2 | 6.1 MB | 2.7 MB | `sha256:cdcdcdcdcdcd` |");
    expect(text).toContain("## Hand-off: 3 files");
    expect(text).toContain("| `handoff` | `README.md` `cloudformation.yaml` |");
  });

  it("leaves out what nobody looked at", () => {
    const { handOff: _without, ...rest } = EXAMPLE;
    const images = EXAMPLE.images.map(({ evidence: _none, ...image }) => image);
    expect(emitMarkdown({ ...rest, images })).not.toMatch(/What is in them|Hand-off/);
    expect(emitHtml({ ...rest, images })).not.toMatch(/What is in them|Hand-off/);
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

  it("marks what wants a look and nothing else, shows its layers and leads to the hand-off", () => {
    const text = emitHtml(EXAMPLE);
    expect(text.match(/<td class="over">[^<]*/g)).toEqual([
      '<td class="over">1 critical, 2 low, 1 ignored, 1 refused',
      '<td class="over">12, mostly Apache-2.0, 1 refused',
      '<td class="over">3 of setuid, shell',
    ]);
    expect(text.match(/<details class="layers">/g)).toHaveLength(2);
    expect(text).toContain('<a href="handoff/task-definitions/a&lt;b.json">a&lt;b.json</a>');
  });
});

describe("the list of files", () => {
  it("has everything below a directory by its path from there", () => {
    const place = mkdtempSync(join(tmpdir(), "report-"));
    onTestFinished(() => rmSync(place, { recursive: true }));
    mkdirSync(join(place, "handoff/iam"), { recursive: true });
    writeFileSync(join(place, "handoff/iam/trust.json"), "{}");
    writeFileSync(join(place, "handoff/README.md"), "# x");
    expect(listFiles(join(place, "handoff"))).toEqual([
      { path: "handoff/README.md", bytes: 3 },
      { path: "handoff/iam/trust.json", bytes: 2 },
    ]);
  });
});
