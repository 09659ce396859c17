import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { GatewayError, gatewayCodes, toGatewayError } from "../src/errors.ts";

const catalogue: { code: string }[] = parse(
  readFileSync(new URL("../../contracts/errors.yaml", import.meta.url), "utf8"),
).errors;
const source = new URL("../src/", import.meta.url);
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);
const code = files
  .filter((name) => !name.startsWith("gen") && name !== "errors.ts")
  .map((name) => readFileSync(new URL(name, source), "utf8"))
  .join("\n");

test("the table and the catalogue name the same codes", () => {
  const ours = catalogue.map((entry) => entry.code).filter((entry) => entry.startsWith("MS-GW-"));
  expect([...gatewayCodes].sort()).toEqual(ours.sort());
});

test("every code of the table is used, and every code in the source is in the catalogue", () => {
  const known = new Set(catalogue.map((entry) => entry.code));
  const used = new Set(code.match(/MS-[A-Z]+-\d{3}/g));
  expect([...used].filter((entry) => !known.has(entry))).toEqual([]);
  // MS-GW-014 is what toGatewayError makes of a fault that nobody foresaw.
  expect(gatewayCodes.filter((entry) => !used.has(entry) && entry !== "MS-GW-014")).toEqual([]);
});

test("what nobody foresaw does not reach the client", () => {
  const error = toGatewayError(new Error("password 123"));
  expect([error.code, JSON.stringify(error.body)]).toEqual(["MS-GW-014", expect.not.stringContaining("123")]);
  expect(new GatewayError("MS-GW-003", "field x").message).toMatch(/^MS-GW-003 .*: field x\. Next: /);
});
