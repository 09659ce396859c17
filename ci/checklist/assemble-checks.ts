/** Makes checks.json out of the runner's result and the evidence; a row without a result is a failure. */
import { z } from "zod";
import type { Evidence } from "./harness/evidence.ts";
import { fileOf, ROWS, type Row, type RowId } from "./rows.ts";

/** Result of one row. */
export interface Check {
  id: RowId;
  name: string;
  status: "pass" | "fail";
  durationMs: number;
  evidence: Evidence[];
  /** Why it is red. */
  reason?: string;
}

/** Content of checks.json. */
export interface Checks {
  checks: Check[];
  /** Time from start to ready by service, the slowest replica, ms. */
  readyMs: Record<string, number>;
}

/** What is known when the run ended. */
export interface RunOutcome {
  rows: readonly RowId[];
  runner: unknown;
  readyMs: unknown;
  evidence: (row: RowId) => Evidence[];
  /** Why a row's start failed, which the runner's result does not say. */
  startFailure: (row: RowId) => string | undefined;
  /** Said of rows that have no result. */
  crash: string;
}

const runnerSchema = z.looseObject({
  testResults: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      startTime: z.number(),
      endTime: z.number(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.looseObject({
          title: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

type FileResult = z.infer<typeof runnerSchema>["testResults"][number];

const REASON_LENGTH = 400;

/** Makes the result of every wanted row. */
export function assembleChecks(outcome: RunOutcome): Checks {
  const runner = runnerSchema.safeParse(outcome.runner);
  const files = runner.success ? runner.data.testResults : [];
  const readyMs = z.record(z.string(), z.number()).safeParse(outcome.readyMs);
  return {
    checks: ROWS.filter((row) => outcome.rows.includes(row.id)).map((row) => checkOf(row, files, outcome)),
    readyMs: readyMs.success ? readyMs.data : {},
  };
}

function checkOf(row: Row, files: readonly FileResult[], outcome: RunOutcome): Check {
  const file = files.find((candidate) => candidate.name.endsWith(`/${fileOf(row)}`));
  const reason = file ? reasonOf(file, outcome.startFailure(row.id)) : outcome.crash;
  return {
    id: row.id,
    name: row.name,
    status: reason === undefined ? "pass" : "fail",
    durationMs: file ? Math.round(file.endTime - file.startTime) : 0,
    evidence: outcome.evidence(row.id),
    ...(reason !== undefined && { reason }),
  };
}

function reasonOf(file: FileResult, startFailure: string | undefined): string | undefined {
  const bad = file.assertionResults.filter((test) => test.status !== "passed");
  const failed = bad.filter((test) => test.status === "failed");
  if (failed.length > 0)
    return failed.map((test) => `${test.title}: ${firstLine(test.failureMessages)}`).join(" | ");
  // A row whose start failed has tests that were never run.
  if (file.status !== "passed" || bad.length > 0 || file.assertionResults.length === 0)
    return firstLine([
      startFailure ? `it did not start: ${startFailure}` : file.message || "its tests did not run",
    ]);
  return undefined;
}

function firstLine(messages: readonly string[] | null | undefined): string {
  const text = (messages ?? []).join(" ").replace(/\n\s+at [\s\S]*/, "");
  return text.replace(/\s+/g, " ").trim().slice(0, REASON_LENGTH);
}
