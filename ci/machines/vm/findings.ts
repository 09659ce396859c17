/** What a run in the virtual machine left on its data disk. */
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { z } from "zod";
import { statePath } from "../../engine/state.ts";
import { step } from "../../engine/step.ts";
import type { Part } from "./job.ts";

const checksSchema = z.object({
  checks: z.array(
    z.looseObject({
      id: z.number(),
      name: z.string(),
      status: z.enum(["pass", "fail"]),
      durationMs: z.number(),
      reason: z.string().optional(),
    }),
  ),
});
const hogSchema = z.object({ code: z.number(), oomKills: z.number() });

/** How long a part took, and how its script ended. */
export interface PartRun {
  name: string;
  code: number;
  seconds: number;
}

/** All of it; what is missing is undefined. */
export interface Findings {
  facts: Readonly<Record<string, string>>;
  parts: readonly PartRun[];
  checks: z.infer<typeof checksSchema>["checks"] | undefined;
  hog: z.infer<typeof hogSchema> | undefined;
}

/** Reads the data disk of a machine that has ended; the files are in the folder that is returned, too. */
export async function readFindings(disk: string): Promise<{ folder: string; findings: Findings }> {
  const folder = statePath("vm", "out");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  await step("vm-findings", { at: Date.now() }, [], async ({ run }) => {
    await run("debugfs", ["-R", `rdump /out ${folder}`, disk]);
  });
  return { folder, findings: parseFindings((name) => textOf(`${folder}/out/${name}`)) };
}

/** Takes the files apart. `read` gives the text of one, or undefined when it is not there. */
export function parseFindings(read: (name: string) => string | undefined): Findings {
  const lines = (name: string) => (read(name) ?? "").split("\n").filter((line) => line !== "");
  return {
    facts: Object.fromEntries(lines("facts").map((line) => splitOnce(line))),
    parts: lines("parts").map((line) => {
      const [name = "", code, seconds] = line.split(" ");
      return { name, code: Number(code), seconds: Number(seconds) };
    }),
    checks: parsed(checksSchema, read("checklist/checks.json"))?.checks,
    hog: parsed(hogSchema, read("engine.json")),
  };
}

/** Name of the log of a part. */
export function logOf(part: Part): string {
  return `out/${part}.log`;
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

function parsed<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  try {
    return schema.parse(JSON.parse(text ?? ""));
  } catch {
    return undefined; // A run that was cut off leaves half a file: that is no result.
  }
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
