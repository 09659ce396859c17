/** checks.json has every row, whatever became of the run. */
import { describe, expect, it } from "vitest";
import { assembleChecks } from "../assemble-checks.ts";
import { fileOf, ROWS } from "../rows.ts";

const file = (id: number, over: object = {}) => ({
  name: `/x/ci/checklist/${fileOf(ROWS[id - 1] ?? fail())}`,
  status: "passed",
  startTime: 1000,
  endTime: 3500,
  message: "",
  assertionResults: [{ title: "A-1 works", status: "passed", failureMessages: [] }],
  ...over,
});

function fail(): never {
  throw new Error("no such row");
}

const outcome = (testResults: unknown[] | undefined) => ({
  rows: [1, 2] as const,
  runner: testResults && { testResults },
  readyMs: { supervisor: 43 },
  evidence: () => [{ what: "agents", value: 10 }],
  startFailure: () => undefined,
  crash: "the run ended with 139",
});

describe("assembleChecks", () => {
  it("passes a row whose tests passed", () => {
    const { checks, readyMs } = assembleChecks(outcome([file(1), file(2)]));
    expect(checks.map((check) => [check.status, check.durationMs])).toEqual([
      ["pass", 2500],
      ["pass", 2500],
    ]);
    expect(readyMs).toEqual({ supervisor: 43 });
    expect(checks[0]).not.toHaveProperty("reason");
  });

  it("fails a row with the first line of what its tests said", () => {
    const bad = { title: "A-2 breaks", status: "failed", failureMessages: ["Error: no\n    at x.ts:1"] };
    const { checks } = assembleChecks(
      outcome([file(1, { status: "failed", assertionResults: [bad] }), file(2)]),
    );
    expect(checks[0]).toMatchObject({ status: "fail", reason: "A-2 breaks: Error: no" });
    expect(checks[1]?.status).toBe("pass");
  });

  it("fails a row whose start failed, whose tests did not run, or that has no result", () => {
    const skipped = { title: "A-1", status: "skipped", failureMessages: [] };
    const { checks } = assembleChecks(
      outcome([file(1, { status: "failed", message: "no image", assertionResults: [skipped] })]),
    );
    expect(checks.map((check) => check.reason)).toEqual(["no image", "the run ended with 139"]);
    const startFailure = () => "Error: EBUSY: resource busy\n    at x.ts:1";
    const notStarted = file(1, { status: "failed", assertionResults: [skipped] });
    const { checks: told } = assembleChecks({ ...outcome([notStarted]), startFailure });
    expect(told[0]?.reason).toBe("it did not start: Error: EBUSY: resource busy");
    const crashed = assembleChecks(outcome(undefined));
    expect(crashed.checks.map((check) => check.status)).toEqual(["fail", "fail"]);
    expect(crashed.checks[0]?.evidence).toHaveLength(1);
  });
});
