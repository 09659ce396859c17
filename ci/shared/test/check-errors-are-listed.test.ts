import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { CHECK_ERRORS, CheckError } from "../check-error.ts";

it("the catalogue lists the same codes and next steps as the code", () => {
  const file = new URL("../../../services/contracts/errors.yaml", import.meta.url);
  const { errors } = parse(readFileSync(file, "utf8")) as { errors: { code: string; next: string }[] };
  const listed = errors.filter(({ code }) => code.startsWith("MS-CHECK-"));
  expect(Object.fromEntries(listed.map(({ code, next }) => [code, next]))).toEqual(CHECK_ERRORS);
});

it("a message carries code, cause and next step", () => {
  expect(new CheckError("MS-CHECK-014", "--rows is no list of rows").message).toBe(
    "MS-CHECK-014 --rows is no list of rows. Next: give numbers from 1 to 7, for example 1,4.",
  );
});
