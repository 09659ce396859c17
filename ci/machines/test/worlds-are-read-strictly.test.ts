/** The table of worlds: half-valid files are refused with place and rule, and the table itself is whole. */
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseWorld, readWorlds } from "../world.ts";

const GOOD = {
  title: "A umask",
  group: "Rights and users",
  standing: "supported",
  when: "test",
  run: "true",
} as const;
const yaml = (world: object): string => JSON.stringify(world);
const messageOf = (world: object): string => {
  try {
    parseWorld("w", yaml(world));
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a world", () => {
  it("of a few lines has defaults for the rest", () => {
    const world = parseWorld("w", yaml(GOOD));
    expect(world.expect).toEqual({ exit: 0, says: [], never: [] });
    expect([world.name, world.with.state, world.with.checkout]).toEqual(["w", "own", undefined]);
  });

  it.each([
    ["an unknown key", { ...GOOD, runs: "true" }, 'Unrecognized key: "runs"'],
    ["a umask that is a number", { ...GOOD, with: { umask: 77 } }, "with.umask"],
    ["a umask of other digits", { ...GOOD, with: { umask: "089" } }, 'for example "077"'],
    ["an unknown group", { ...GOOD, group: "Rights" }, "group"],
    ["a stub with a path as its name", { ...GOOD, with: { stubs: { "../x": "y" } } }, "stubs"],
    ["nothing to run", { ...GOOD, run: undefined }, "run is there exactly when"],
    ["something to run that never is", { ...GOOD, when: "never", standing: "expected", note: "n" }, "run is"],
    ["support without a test", { ...GOOD, when: "demand" }, "supported only with `when: test`"],
    ["support of what fails", { ...GOOD, expect: { exit: 1, says: ["w"] } }, "told or unsupported"],
    ["nothing that is told", { ...GOOD, standing: "told", expect: { exit: 1 } }, "names what is told"],
    ["no reason", { ...GOOD, when: "never", standing: "expected", run: undefined }, "note says why"],
    [
      "a trial that never was",
      { ...GOOD, when: "never", standing: "tried", run: undefined, note: "n" },
      "tried",
    ],
  ])("with %s is refused", (_, world, words) => {
    expect(messageOf(world)).toMatch(/^MS-CHECK-050 ci\/machines\/worlds\/w\.yaml: .*Next: /s);
    expect(messageOf(world)).toContain(words);
  });

  it("that is no YAML is refused with its place", () => {
    expect(() => parseWorld("w", "title: [")).toThrow(/MS-CHECK-050 .*worlds\/w\.yaml.*line 1/s);
  });
});

describe("the table", () => {
  const worlds = readWorlds();
  const stubs = new URL("../stubs/", import.meta.url);

  it("is valid, and no title stands twice", () => {
    const titles = worlds.map(({ title }) => title);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  it("names stubs that exist, and every stub is named", () => {
    const named = worlds.flatMap((world) =>
      Object.entries(world.with.stubs).map(([p, state]) => `${p}/${state}`),
    );
    for (const stub of named) expect(existsSync(new URL(stub, stubs)), stub).toBe(true);
    const there = existsSync(stubs)
      ? readdirSync(stubs, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
      : [];
    const paths = there.map((entry) => `${entry.parentPath.slice(stubs.pathname.length)}/${entry.name}`);
    expect(paths.sort()).toEqual([...new Set(named)].sort());
  });
});
