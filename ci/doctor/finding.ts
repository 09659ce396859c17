/** What was found about a subject, and how it is told. Pure. */

/** One subject of the machine. */
export interface Finding {
  /** A word or two. */
  subject: string;
  /** What was found, on one line. */
  found: string;
  /** What follows from it for this project, where something does. */
  follows?: string;
  /** Nothing works until this is mended: the one next step. */
  next?: string;
}

/** What there is to say about the machine. */
export interface Diagnosis {
  findings: readonly Finding[];
  /** Next step of the first finding that blocks; undefined when nothing does. */
  next?: string;
}

const INTRODUCTION =
  "This machine as MisterSmith sees it. Passwords, its name and home folders are left out: paste it as it is.";
const NOTHING_BLOCKS = "Nothing that was looked at blocks. Next: `make run`.";
const SUBJECT_WIDTH = 14;
const MARK_WIDTH = 6;

/** The diagnosis of findings; they stand in the order in which they would have to be mended. */
export function diagnosisOf(findings: readonly Finding[]): Diagnosis {
  const next = findings.find((finding) => finding.next !== undefined)?.next;
  return next === undefined ? { findings } : { findings, next };
}

/** The lines that a person reads. */
export function linesOf(diagnosis: Diagnosis): string[] {
  const { next } = diagnosis;
  return [...findingLines(diagnosis), "", next === undefined ? NOTHING_BLOCKS : `Next: ${next}.`];
}

/** The same without the next step, for where an error gives one. */
export function findingLines({ findings }: Diagnosis): string[] {
  const indent = " ".repeat(MARK_WIDTH + SUBJECT_WIDTH);
  const rows = findings.flatMap(({ subject, found, follows, next }) => [
    `${(next === undefined ? "ok" : "STOP").padEnd(MARK_WIDTH)}${subject.padEnd(SUBJECT_WIDTH)}${found}`,
    ...(follows === undefined ? [] : [`${indent}-> ${follows}`]),
  ]);
  return [INTRODUCTION, "", ...rows];
}
