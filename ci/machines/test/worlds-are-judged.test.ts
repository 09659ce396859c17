/** What counts as green: the exit code, words that must be there, words that must not. */
import { describe, expect, it } from "vitest";
import { type Ending, problemsOf } from "../judge.ts";
import { machinesPage } from "../page.ts";
import { type Outcome, play } from "../play.ts";
import { parseWorld } from "../world.ts";

const ending = (given: Partial<Ending>): Ending => ({ exitCode: 0, output: "", seconds: 1, ...given });
const expected = { exit: 0 as number | "failure", says: [] as string[], never: [] as string[] };

describe("an ending", () => {
  it.each([
    ["as expected", expected, ending({}), []],
    ["with another code", expected, ending({ exitCode: 3 }), ["it ended with 3, not with 0"]],
    [
      "that had to fail",
      { ...expected, exit: "failure" as const },
      ending({}),
      ["it ended with 0, not with failure"],
    ],
    ["that failed as it had to", { ...expected, exit: "failure" as const }, ending({ exitCode: 3 }), []],
    ["at its limit", expected, ending({ exitCode: undefined, seconds: 300 }), ["it was ended after 300 s"]],
    ["without its words", { ...expected, says: ["a b"] }, ending({ output: "ab" }), ['it did not say "a b"']],
    [
      "with its words over two lines",
      { ...expected, says: ["a b"] },
      ending({ output: "\u001b[31ma\n  b" }),
      [],
    ],
    [
      "with forbidden words",
      { ...expected, never: ["secret"] },
      ending({ output: "secret" }),
      ['it said "secret"'],
    ],
  ])("%s", (_, wanted, ended, problems) => {
    expect(problemsOf(wanted, ended)).toEqual(problems);
  });
});

const world = (run: string, more: object = {}) =>
  parseWorld(
    "t",
    JSON.stringify({
      ...{ title: "t", group: "Rights and users", standing: "supported", when: "test", run },
      ...more,
    }),
  );
const root = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
const problems = (outcome: Outcome): string[] | string =>
  outcome.kind === "red" ? outcome.problems : outcome.kind;

describe("a world that is played", () => {
  it("has its umask, its variables, a home of its own, and its programs alone", async () => {
    const run =
      'test "$(umask)" = 0077 && test "$A" = b && ! printenv PATHEXT && test -d "$HOME" && ! command -v ls';
    const given = { umask: "077", env: { A: "b", PATHEXT: null }, hide: ["ls"] };
    expect(problems(await play(world(run, { with: given }), root))).toBe("green");
  });

  it("is red when its place cannot be made", async () => {
    const outcome = await play(world("true", { with: { stubs: { docker: "no-such-state" } } }), root);
    expect(problems(outcome)).toEqual([expect.stringContaining("MS-CHECK-052 there is no stub")]);
  });

  it("is ended at its limit, with whatever it started", async () => {
    const outcome = await play(world("sleep 600 & sleep 600", { limitSeconds: 1 }), root);
    expect(problems(outcome)).toEqual(["it was ended after 1 s"]);
  });

  it("is not run when its command says so, and never green by that", async () => {
    const outcome = await play(world("echo 'not run: no loop devices'; exit 77"), root);
    expect(outcome).toMatchObject({ kind: "not run", reason: "not run: no loop devices" });
  });

  it("is not run without what it needs, and that is not green", async () => {
    const never = { when: "never", standing: "expected", note: "there is no such machine", run: undefined };
    expect(await play(world("true", never), root)).toMatchObject({
      kind: "not run",
      reason: "there is no such machine",
    });
  });
});

it("the page says what is known, and the words that a person sees", () => {
  const page = machinesPage([
    world("x", {
      title: "A machine",
      note: "A note.",
      standing: "told",
      expect: { exit: 1, says: ["MS-X-001 no"] },
    }),
  ]);
  expect(page).toContain("## Rights and users");
  expect(page).toMatch(/\| A machine +\| a step of yours +\| A note\. You see: `MS-X-001 no` +\|/);
});
