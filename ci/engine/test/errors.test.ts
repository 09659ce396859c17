import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { ENGINE_ERRORS, EngineError } from "../engine-error.ts";

it("the public table lists the same codes and next steps as the code", () => {
  const file = new URL("../../../services/contracts/errors.yaml", import.meta.url);
  const { errors } = parse(readFileSync(file, "utf8")) as { errors: { code: string; next: string }[] };
  const listed = errors.filter(({ code }) => code.startsWith("MS-ENGINE-"));
  expect(Object.fromEntries(listed.map(({ code, next }) => [code, next]))).toEqual(ENGINE_ERRORS);
});

it("a message carries code, cause and next step", () => {
  const { message, code } = new EngineError("MS-ENGINE-009", 'there is no command "x"');
  expect(message).toBe('MS-ENGINE-009 there is no command "x". Next: give one of up, down, clean, status.');
  expect(code).toBe("MS-ENGINE-009");
});
