import { describe, expect, it } from "vitest";
import { parseFindings } from "../findings.ts";
import type { Job } from "../job.ts";
import { judge } from "../verdict.ts";

const JOB: Job = { parts: ["checklist", "engine"], rows: "1,6", slowness: 10 };
const GREEN: Readonly<Record<string, string>> = {
  facts: [
    "kernel=6.12.1",
    "controllers=cpuset cpu io memory hugetlb pids",
    "docker=26.1.5",
    "groups=2 systemd",
    "swapKiB=2097148",
    "init=systemd",
    "",
  ].join("\n"),
  parts: "start 0 53\nchecklist 0 400\nengine 0 80\n",
  "checklist/checks.json": JSON.stringify({
    checks: [
      { id: 1, name: "Spawns", status: "pass", durationMs: 9000, evidence: [] },
      { id: 6, name: "Limits", status: "pass", durationMs: 9000, evidence: [] },
    ],
  }),
  "engine.json": '{"code": 137, "oomKills": 1}\n',
};

const red = (files: Readonly<Record<string, string | undefined>>) =>
  judge(
    JOB,
    parseFindings((name) => ({ ...GREEN, ...files })[name]),
  )
    .filter((line) => !line.good)
    .map((line) => line.text);

describe("a run", () => {
  it("is green when the machine is the one that is meant and every part has a good result", () => {
    expect(red({})).toEqual([]);
  });

  it("is red for a row that is red, with its reason", () => {
    const check = { id: 6, name: "Limits", status: "fail", durationMs: 9000, reason: "EBUSY" };
    const [text] = red({ "checklist/checks.json": JSON.stringify({ checks: [check] }) });
    expect(text).toBe("row 1: no result");
    expect(red({ "checklist/checks.json": JSON.stringify({ checks: [check] }) })[1]).toBe(
      "row 6 Limits, 9 s: EBUSY",
    );
  });

  it.each([
    [
      "the machine was killed before it wrote anything",
      Object.fromEntries(Object.keys(GREEN).map((name) => [name, undefined])),
      4,
    ],
    ["a file was cut off", { "checklist/checks.json": '{"checks": [{"id": 1,' }, 2],
    ["the machine has version 1", { facts: GREEN.facts?.replace("2 systemd", "1 cgroupfs") }, 1],
    ["the machine has no swap", { facts: GREEN.facts?.replace("2097148", "0") }, 1],
    ["the hog was not killed", { "engine.json": '{"code": 0, "oomKills": 0}' }, 1],
    ["the hog was ended by somebody else", { "engine.json": '{"code": 137, "oomKills": 0}' }, 1],
    ["the engine gave an error instead", { "engine.json": "" }, 1],
  ] as const)("is red when %s", (_, files, lines) => {
    expect(red(files)).toHaveLength(lines);
  });

  it("tells how long each part took", () => {
    const { parts } = parseFindings((name) => GREEN[name]);
    expect(parts).toContainEqual({ name: "checklist", code: 0, seconds: 400 });
  });
});
