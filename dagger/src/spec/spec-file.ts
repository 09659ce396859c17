/** A YAML file that remembers at which line each of its values stands. */
import { type Document, isMap, isNode, isPair, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { SpecProblem, SpecProblemCode } from "./spec-problem.ts";

/** Way to a value inside a file: keys and indices. */
export type ValuePath = readonly (string | number)[];

/** One file with its values and their lines. */
export class SpecFile {
  readonly file: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines });
  }

  /** Line of a value, or of the nearest value around it. */
  lineOf(path: ValuePath): number {
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#offsetOf(path.slice(0, length));
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return 1;
  }

  /** A problem at the line of a value. */
  problem(code: SpecProblemCode, path: ValuePath, reason: string): SpecProblem {
    return { code, file: this.file, line: this.lineOf(path), reason };
  }

  /** Faults of the YAML itself. */
  syntaxProblems(): SpecProblem[] {
    return this.#document.errors.map((error) => ({
      code: "MS-SPEC-001" as const,
      file: this.file,
      line: error.linePos?.[0].line ?? 1,
      reason: (error.message.split("\n")[0] ?? "").replace(/ at line .*$/, ""),
    }));
  }

  /** Reads the file by a schema; gives its value or everything that does not fit. */
  read<T>(schema: z.ZodType<T>): { value: T } | { problems: SpecProblem[] } {
    const syntax = this.syntaxProblems();
    if (syntax.length > 0) return { problems: syntax };
    const result = schema.safeParse(this.#document.toJS());
    if (result.success) return { value: result.data };
    return { problems: result.error.issues.flatMap((issue) => this.#shapeProblems(issue)) };
  }

  #shapeProblems(issue: z.core.$ZodIssue): SpecProblem[] {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) =>
        this.problem("MS-SPEC-002", [...path, key], `unknown key ${pathText([...path, key])}`),
      );
    if (this.#document.getIn(path) === undefined)
      return [this.problem("MS-SPEC-003", path, `missing key ${pathText(path)}`)];
    return [this.problem("MS-SPEC-003", path, `${pathText(path)}: ${issue.message}`)];
  }

  #offsetOf(path: ValuePath): number | undefined {
    const parent = path.length === 0 ? undefined : this.#document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      const key = path.at(-1);
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === key);
      return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
    }
    const node = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  }
}

/** Writes a way as people do: `ports[0].name`. */
export function pathText(path: ValuePath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
