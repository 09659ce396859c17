import { expect, it } from "vitest";
import { readApiKey } from "../api-key.ts";

const read = (value?: string) => readApiKey({ ANTHROPIC_API_KEY: value });

it.each([undefined, "", "  \n"])("%j is none", (value) => {
  expect(read(value)).toBeUndefined();
});

it("white space around it is what copying leaves", () => {
  expect(read(" sk-ant-api03-Ab_9\r\n")).toBe("sk-ant-api03-Ab_9");
});

it.each([
  ["sk-ant\nsk-two", "the end of a line as character 7"],
  ["sk ant", "white space as character 3"],
  ['"sk-ant"', "a quotation mark as character 1"],
  ["sk-‑ant", "what no key holds as character 4"],
])("%j is refused without being shown", (value, reason) => {
  const refusal = `MS-STACK-017 ANTHROPIC_API_KEY has ${reason}. Next: set ANTHROPIC_API_KEY to the key alone`;
  expect(() => read(value)).toThrow(refusal);
  expect(() => read(value)).not.toThrow(value);
});
