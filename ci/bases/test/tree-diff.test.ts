import { expect, test } from "vitest";
import { diffTrees, type Entry, whiteoutOf } from "../tree-diff.ts";

const file: Entry = { type: "file", mode: 0o644, uid: 0, gid: 0, size: 3, mtimeMs: 1000 };
const folder: Entry = { ...file, type: "directory", mode: 0o755 };
const link: Entry = { ...file, type: "link", target: "a" };

const written = (before: Record<string, Entry>, after: Record<string, Entry>) =>
  diffTrees(new Map(Object.entries(before)), new Map(Object.entries(after))).written;

test("an unchanged tree needs no layer", () => {
  const tree = new Map([["a", file]]);
  expect(diffTrees(tree, tree)).toEqual({ written: [], removed: [] });
});

test.each([
  ["size", { size: 4 }],
  ["time", { mtimeMs: 2000 }],
  ["owner", { uid: 7 }],
  ["group", { gid: 7 }],
  ["mode", { mode: 0o600 }],
])("a file of another %s is written", (_, change) => {
  expect(written({ a: file }, { a: { ...file, ...change } })).toEqual(["a"]);
});

test("a folder counts by owner and mode, not by its time", () => {
  expect(written({ a: folder }, { a: { ...folder, mtimeMs: 2, size: 9 } })).toEqual([]);
  expect(written({ a: folder }, { a: { ...folder, mode: 0o700 } })).toEqual(["a"]);
});

test("a link counts by its target", () => {
  expect(written({ a: link }, { a: { ...link, mtimeMs: 2 } })).toEqual([]);
  expect(written({ a: link }, { a: { ...link, target: "b" } })).toEqual(["a"]);
});

test("a file that became a link is written", () => {
  expect(written({ a: file }, { a: link })).toEqual(["a"]);
});

test("parents come before their children", () => {
  expect(written({}, { "b/c": file, b: folder, a: file })).toEqual(["a", "b", "b/c"]);
});

test("of a removed folder only the folder itself is marked", () => {
  const before = new Map([
    ["a", folder],
    ["a/b", folder],
    ["a/b/c", file],
    ["d", file],
  ] as const);
  expect(diffTrees(before, new Map([["d", file]])).removed).toEqual(["a"]);
});

test("a whiteout lies beside what it removes", () => {
  expect([whiteoutOf("a"), whiteoutOf("a/b/c")]).toEqual([".wh.a", "a/b/.wh.c"]);
});
