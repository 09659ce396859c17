/** The reference page of all error codes, from services/contracts/errors.yaml. */
import { parse } from "yaml";
import { z } from "zod";
import { CheckError } from "../shared/check-error.ts";

const table = z.object({
  errors: z.array(
    z.object({ code: z.string().regex(/^MS-[A-Z]+-\d{3}$/), text: z.string(), next: z.string() }),
  ),
});

/**
 * Renders the table as markdown.
 *
 * @param yaml content of errors.yaml
 * @throws when the file has another shape, or when a code is there twice: numbers are never reused
 */
export function errorPage(yaml: string): string {
  const { errors } = table.parse(parse(yaml));
  const codes = errors.map((error) => error.code);
  const twice = codes.find((code, index) => codes.indexOf(code) !== index);
  if (twice) throw new CheckError("MS-CHECK-003", `${twice} is in errors.yaml twice`);
  const rows = errors.map(({ code, text, next }) => `| ${code} | ${cell(text)} | ${cell(next)} |`);
  return [
    "# Error codes",
    "",
    "Generated from `services/contracts/errors.yaml` by `make docs`. Every error reads",
    "`CODE what was wrong, where. Next: what to do.`",
    "",
    "| code | what is wrong | what to do |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
