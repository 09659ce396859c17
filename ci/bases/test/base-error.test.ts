import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { BASE_ERRORS } from "../base-error.ts";

test("the public table of errors has these codes with these next steps, and no others", () => {
  const file = new URL("../../../services/contracts/errors.yaml", import.meta.url);
  const table = parse(readFileSync(file, "utf8")) as { errors: { code: string; next: string }[] };
  const ours = table.errors.filter(({ code }) => code.startsWith("MS-BASE-"));
  expect(Object.fromEntries(ours.map(({ code, next }) => [code, next]))).toEqual(BASE_ERRORS);
});
