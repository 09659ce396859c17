/** Programs that answer what a test says, and note what they were asked. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";

/** What a program prints and how it ends, 0 unless said. */
export interface Answer {
  stdout?: string;
  stderr?: string;
  exitCode?: number;
}

/** Answers by a pattern of the shell for all arguments; the first that fits is given, and without one the end is 0. */
export type Answers = readonly (readonly [pattern: string, answer: Answer])[];

/**
 * Writes a program.
 *
 * @param directory to be put first in the PATH; `calls` in it has a line for each call
 */
export function stubProgram(directory: string, name: string, answers: Answers): void {
  const cases = answers.map(([pattern, { stdout = "", stderr = "", exitCode = 0 }], index) => {
    const file = `${directory}/${name}.${index}`;
    writeFileSync(`${file}.out`, stdout);
    writeFileSync(`${file}.err`, stderr);
    const words = pattern.split("*").map(quoted).join("*");
    return `  ${words}) cat '${file}.out'; cat '${file}.err' >&2; exit ${exitCode} ;;`;
  });
  const note = `echo "${name} $*" >>'${directory}/calls'; env >'${directory}/environment'`;
  const read = name === "docker" ? 'case "$*" in *load*) cat >/dev/null ;; esac' : "";
  writeFileSync(
    `${directory}/${name}`,
    ["#!/bin/sh", note, read, 'case "$*" in', ...cases, "esac", ""].join("\n"),
  );
  chmodSync(`${directory}/${name}`, 0o755);
}

/** What the programs of a directory were called with, in order. */
export function callsOf(directory: string): string[] {
  const file = `${directory}/calls`;
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

function quoted(text: string): string {
  return text === "" ? "" : `'${text}'`;
}
