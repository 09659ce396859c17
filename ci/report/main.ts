/**
 * Renders the report, or prints one.
 * Run: npx tsx ci/report/main.ts render --checks F --images F --environment F --out DIR [--evidence F] [--hand-off DIR]
 *      npx tsx ci/report/main.ts show DIR/report.json     (exit code 1 when a row is red)
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { CheckError } from "../shared/check-error.ts";
import { readSystem } from "../shared/read-system.ts";
import { buildReport } from "./build-report.ts";
import { emitHtml } from "./html.ts";
import { emitJunit } from "./junit.ts";
import { listFiles } from "./list-files.ts";
import { emitMarkdown } from "./markdown.ts";
import {
  checksFileSchema,
  environmentFileSchema,
  evidenceFileSchema,
  imagesFileSchema,
  parseReport,
  type Report,
} from "./report.ts";
import { emitTerminal } from "./terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const USAGE =
  "ci/report/main.ts render --checks F --images F --environment F --out DIR [--evidence F] [--hand-off DIR], or show FILE";
const EXIT_USAGE = 64;

/** Every form of a report, by file name. */
function formsOf(report: Report): Record<string, string> {
  return {
    "report.json": `${JSON.stringify(report, null, 2)}\n`,
    "report.md": emitMarkdown(report),
    "report.html": emitHtml(report),
    "junit.xml": emitJunit(report),
  };
}

function read<T extends z.ZodType>(file: string, schema: T): z.infer<T> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CheckError("MS-CHECK-021", `${file} cannot be read as what it should be: ${reason}`);
  }
}

/** Where the inputs lie, and where the report goes. */
interface RenderPaths {
  checks: string;
  images: string;
  environment: string;
  out: string;
  evidence: string | undefined;
  handOff: string | undefined;
}

function render(files: RenderPaths): void {
  const report = buildReport(
    {
      checks: read(files.checks, checksFileSchema),
      images: read(files.images, imagesFileSchema),
      environment: read(files.environment, environmentFileSchema),
      evidence: files.evidence === undefined ? [] : read(files.evidence, evidenceFileSchema),
      handOff: files.handOff === undefined ? [] : listFiles(files.handOff),
    },
    readSystem(root),
  );
  mkdirSync(files.out, { recursive: true });
  for (const [name, content] of Object.entries(formsOf(report)))
    writeFileSync(`${files.out}/${name}`, content);
}

function show(file: string): boolean {
  const report = parseReport(readFileSync(file, "utf8"));
  process.stdout.write(emitTerminal(report, { colour: process.stdout.isTTY === true }));
  const directory = relative(process.cwd(), dirname(file)) || ".";
  console.log(
    `reports: ${["report.html", "report.md", "report.json", "junit.xml"].map((name) => `${directory}/${name}`).join("  ")}`,
  );
  const { handOff: [first, ...others] = [] } = report;
  if (first) console.log(`hand-off: ${directory}/${dirname(first.path)}, ${1 + others.length} files`);
  return report.summary.status === "pass";
}

function main(): number {
  const option = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...{ checks: option, images: option, environment: option, out: option },
      ...{ evidence: option, "hand-off": option },
    },
  });
  const [mode, file] = positionals;
  const { checks, images, environment, out, evidence, "hand-off": handOff } = values;
  if (mode === "render" && checks && images && environment && out) {
    render({ checks, images, environment, out, evidence, handOff });
    return 0;
  }
  if (mode === "show" && file) return show(file) ? 0 : 1;
  console.error(new CheckError("MS-CHECK-022", `the arguments are not understood; usage: ${USAGE}`).message);
  return EXIT_USAGE;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = EXIT_USAGE + 1;
}
