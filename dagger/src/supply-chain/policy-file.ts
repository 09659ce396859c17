/** Reads a policy of ci/policies: YAML that is checked against a schema, so that a mistyped key is not a silent yes. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { PipelineError } from "../errors.ts";

/** A reason that says something. */
export const reasonSchema = z
  .string("a reason is missing")
  .trim()
  .min(10, "a reason of at least 10 characters is missing");

/**
 * Reads a policy.
 *
 * @throws PipelineError MS-SUPPLY-002 with file and line of everything that is wrong
 */
export function parsePolicy<T>(file: string, text: string, schema: z.ZodType<T>): T {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new PipelineError("MS-SUPPLY-002", `${file}: ${broken.message.split("\n")[0]}`);
  const result = schema.safeParse(document.toJS());
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const node = document.getIn(issue.path as (string | number)[], true) ?? parentNode(document, issue.path);
    return `${file}:${lineOf(text, node)} ${issue.path.join(".")}: ${issue.message}`;
  });
  throw new PipelineError("MS-SUPPLY-002", lines.join("; "));
}

// What is missing has no place of its own; the entry that lacks it has.
function parentNode(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): unknown {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length) as (string | number)[], true);
    if (node !== undefined) return node;
  }
  return document.contents;
}

function lineOf(text: string, node: unknown): number {
  const range = (node as { range?: [number, number, number] } | undefined)?.range;
  return text.slice(0, range?.[0] ?? 0).split("\n").length;
}
