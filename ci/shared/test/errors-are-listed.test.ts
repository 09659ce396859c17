import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BASE_ERRORS, BaseError } from "../../bases/base-error.ts";
import { ENGINE_ERRORS, EngineError } from "../../engine/engine-error.ts";
import { STACK_NEXT, StackError } from "../../stack/stack-error.ts";
import { CHECK_ERRORS, CheckError } from "../check-error.ts";
import type { NextSteps } from "../coded-error.ts";

const catalogue = parse(
  readFileSync(new URL("../../../services/contracts/errors.yaml", import.meta.url), "utf8"),
) as { errors: { code: string; next: string }[] };

const AREAS: [string, NextSteps][] = [
  ["BASE", BASE_ERRORS],
  ["CHECK", CHECK_ERRORS],
  ["ENGINE", ENGINE_ERRORS],
  ["STACK", STACK_NEXT],
];

describe.each(AREAS)("MS-%s", (area, steps) => {
  it("the catalogue lists the same codes and next steps as the code, and no others", () => {
    const listed = catalogue.errors.filter(({ code }) => code.startsWith(`MS-${area}-`));
    expect(Object.fromEntries(listed.map(({ code, next }) => [code, next]))).toEqual(steps);
  });
});

it("a message carries code, cause and next step", () => {
  const { message, code, name } = new EngineError("MS-ENGINE-009", 'there is no command "x"');
  expect(message).toBe('MS-ENGINE-009 there is no command "x". Next: give one of up, down, clean, status.');
  expect([code, name]).toEqual(["MS-ENGINE-009", "EngineError"]);
  expect(new CheckError("MS-CHECK-014", "--rows is no list of rows").message).toBe(
    "MS-CHECK-014 --rows is no list of rows. Next: give numbers from 1 to 7, for example 1,4.",
  );
  expect(new StackError("MS-STACK-008", 'there is no command "x"').message).toBe(
    'MS-STACK-008 there is no command "x". Next: give one of up, down.',
  );
  expect(new BaseError("MS-BASE-007", "no base is called x").message).toBe(
    "MS-BASE-007 no base is called x. Next: give names of the list, or none for all.",
  );
});
