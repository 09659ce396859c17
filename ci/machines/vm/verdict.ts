/** Judges what was found: by numbers and states, not by words. */

import type { Findings } from "./findings.ts";
import type { Job } from "./job.ts";

const KILLED = 137;
const CONTROLLERS = ["memory", "cpu", "pids"];

/** One judged line. */
export interface Line {
  good: boolean;
  text: string;
}

/** A line for the machine itself, for each row, and for each part. What has no result is not good. */
export function judge({ parts, rows }: Job, findings: Findings): Line[] {
  return [
    machine(findings),
    ...(parts.includes("checklist")
      ? rows.split(",").map((id) => checklistRow(Number(id), findings.checks))
      : []),
    ...(parts.includes("engine") ? [engine(findings.hog)] : []),
  ];
}

/** A green run in another machine than is meant proves nothing. */
function machine({ facts }: Findings): Line {
  const there = (facts.controllers ?? "").split(" ");
  const isMeant =
    CONTROLLERS.every((name) => there.includes(name)) &&
    facts.groups === "2 systemd" &&
    Number(facts.swapKiB) > 0 &&
    facts.init === "systemd";
  const known = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return { good: isMeant, text: `machine: ${known.join(", ") || "it told nothing of itself"}` };
}

function checklistRow(id: number, checks: Findings["checks"]): Line {
  const check = checks?.find((candidate) => candidate.id === id);
  if (!check) return { good: false, text: `row ${id}: no result` };
  const seconds = `${Math.round(check.durationMs / 1000)} s`;
  const reason = check.status === "pass" ? "" : `: ${check.reason ?? "without a reason"}`;
  return { good: check.status === "pass", text: `row ${id} ${check.name}, ${seconds}${reason}` };
}

function engine(hog: Findings["hog"]): Line {
  if (!hog) return { good: false, text: "engine: its step gave no result" };
  const text = `engine: a step limits memory, the hog ended with ${hog.code}, ${hog.oomKills} killed`;
  return { good: hog.code === KILLED && hog.oomKills > 0, text };
}
