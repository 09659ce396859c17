/** Requirements and rows cover one another. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { citedIds, parseRequirements, readRequirements } from "../harness/requirements.ts";
import { fileOf, parseRows, ROWS } from "../rows.ts";

const sourceOf = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

describe("requirements.yaml", () => {
  const cited = ROWS.flatMap((row) => citedIds(sourceOf(fileOf(row))));

  it("has no id that no test cites", () => {
    expect([...readRequirements().keys()].filter((id) => !cited.includes(id))).toEqual([]);
  });

  it("has every id that a test cites, each cited once", () => {
    const known = readRequirements();
    expect(cited.filter((id) => !known.has(id))).toEqual([]);
    expect(new Set(cited).size).toBe(cited.length);
  });

  it("refuses an id that is there twice", () => {
    const one = "  - { id: A-1, source: x, behaviour: y }\n";
    expect(() => parseRequirements(`requirements:\n${one}${one}`)).toThrow(/A-1 is there twice/);
  });
});

describe("rows", () => {
  it("have a file each", () => {
    for (const row of ROWS)
      expect(existsSync(new URL(`../${fileOf(row)}`, import.meta.url)), fileOf(row)).toBe(true);
  });

  it("are chosen by numbers", () => {
    expect(parseRows("1, 4")).toEqual([1, 4]);
    expect(parseRows("")).toEqual([]);
    expect(parseRows("8")).toBeUndefined();
    expect(parseRows("x")).toBeUndefined();
  });
});
