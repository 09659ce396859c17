import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { STACK_NEXT, StackError } from "../stack-error.ts";

it("the public table lists the same codes and next steps as the code", () => {
  const file = new URL("../../../services/contracts/errors.yaml", import.meta.url);
  const { errors } = parse(readFileSync(file, "utf8")) as { errors: { code: string; next: string }[] };
  const listed = errors.filter(({ code }) => code.startsWith("MS-STACK-"));
  expect(Object.fromEntries(listed.map(({ code, next }) => [code, next]))).toEqual(STACK_NEXT);
});

it("a message carries code, cause and next step", () => {
  expect(new StackError("MS-STACK-008", 'there is no command "x"').message).toBe(
    'MS-STACK-008 there is no command "x". Next: give one of up, down.',
  );
});
