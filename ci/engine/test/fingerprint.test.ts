import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fingerprint, hashFiles } from "../fingerprint.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fingerprint-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a fingerprint", () => {
  it("does not depend on the order of keys, at any depth", () => {
    expect(fingerprint({ a: 1, b: { c: [{ d: 2, e: 3 }] } })).toBe(
      fingerprint({ b: { c: [{ e: 3, d: 2 }] }, a: 1 }),
    );
  });

  it("depends on the order of a list, on values and on their types", () => {
    const prints = [[1, 2], [2, 1], ["1", 2], [1], { a: 1 }, { a: undefined }, null, undefined].map(
      fingerprint,
    );
    expect(new Set(prints).size).toBe(prints.length);
  });
});

describe("a hash of files", () => {
  it("sees a changed byte, a new name and a moved file, but not a time", () => {
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "sub/a"), "1");
    const first = hashFiles([folder]);
    utimesSync(join(folder, "sub/a"), 0, 0);
    expect(hashFiles([folder])).toBe(first);
    writeFileSync(join(folder, "sub/a"), "2");
    const second = hashFiles([folder]);
    rmSync(join(folder, "sub/a"));
    writeFileSync(join(folder, "a"), "2");
    expect(new Set([first, second, hashFiles([folder])]).size).toBe(3);
  });

  it("takes single files", () => {
    writeFileSync(join(folder, "a"), "1");
    const first = hashFiles([join(folder, "a")]);
    writeFileSync(join(folder, "a"), "2");
    expect(hashFiles([join(folder, "a")])).not.toBe(first);
  });
});
