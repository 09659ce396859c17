import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StepError, step } from "../step.ts";

let state: string;
let output: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "step-"));
  output = join(state, "output");
  vi.stubEnv("MISTERSMITH_STATE", state);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(state, { recursive: true });
});

const write = async () => writeFileSync(output, "made");

describe("a step", () => {
  it("runs once for the same inputs", async () => {
    expect(await step("s", { a: 1 }, [output], write)).toBe("done");
    expect(await step("s", { a: 1 }, [output], () => Promise.reject(new Error("ran twice")))).toBe("cached");
  });

  it("runs again when an input differs or an output is gone", async () => {
    await step("s", 1, [output], write);
    expect(await step("s", 2, [output], write)).toBe("done");
    rmSync(output);
    expect(await step("s", 2, [output], write)).toBe("done");
  });

  it("runs again after an interruption, even back with inputs that were done once", async () => {
    await step("s", 1, [output], write);
    const interrupted = step("s", 2, [output], async () => {
      writeFileSync(output, "half");
      throw new Error("interrupted");
    });
    await expect(interrupted).rejects.toThrow("interrupted");
    expect(await step("s", 1, [output], write)).toBe("done");
    expect(readFileSync(output, "utf8")).toBe("made");
  });

  it("runs again when its mark was written by half", async () => {
    await step("s", 1, [output], write);
    writeFileSync(join(state, "steps", "s.json"), '{"finger');
    expect(await step("s", 1, [output], write)).toBe("done");
  });

  it("is not done when it leaves no output", async () => {
    const empty = step("s", 1, [output], async () => {});
    await expect(empty).rejects.toThrow(`MS-ENGINE-001 step s: it left no ${output}`);
    expect(readdirSync(join(state, "steps"))).not.toContain("s.json");
  });

  it("runs once when two ask for it at the same time", async () => {
    let runs = 0;
    const body = async () => {
      runs += 1;
      await write();
    };
    const results = await Promise.all([step("s", 1, [output], body), step("s", 1, [output], body)]);
    expect(results.sort()).toEqual(["cached", "done"]);
    expect(runs).toBe(1);
  });
});

describe("a program that a step runs", () => {
  it("gives its output back and into the log", async () => {
    let seen = "";
    await step("s", 1, [], async ({ run, log }) => {
      log("note");
      seen = await run("sh", ["-c", "cat; echo $WORD; echo aside >&2"], {
        input: "in ",
        env: { WORD: "env" },
      });
    });
    expect(seen).toBe("in env\n");
    const text = readFileSync(join(state, "logs", "s.log"), "utf8");
    for (const part of ["note", "$ sh -c", "in env", "aside"]) expect(text).toContain(part);
  });

  it("fails with its last lines, the log's place and the next step", async () => {
    const failing = step("s", 1, [], async ({ run }) => {
      await run("sh", ["-c", "seq 1 40 >&2; exit 3"]);
    });
    const error = await failing.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(StepError);
    const { message } = error as StepError;
    expect(message.split("\n")).toHaveLength(16);
    expect(message).toContain("40\nMS-ENGINE-001 step s: sh -c ended with 3");
    expect(message).toContain(join(state, "logs", "s.log"));
    expect(message).toMatch(/ Next: .+\.$/);
  });

  it("is reported when it does not exist", async () => {
    const failing = step("s", 1, [], async ({ run }) => {
      await run("no-such-program", []);
    });
    await expect(failing).rejects.toThrow(/no-such-program ended with 127/);
    expect(existsSync(join(state, "steps", "s.json"))).toBe(false);
  });
});
