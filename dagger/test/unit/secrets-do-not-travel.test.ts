import { expect, it } from "vitest";
import { secretVariables } from "../../src/spec/environment.ts";
import { repoObservedSystem, repoText } from "./support/repo.ts";

/** What a person may leave in the checkout and what no commit and no engine may get; by its name, in any folder. */
const PRIVATE = [
  ".env",
  "cosign.key",
  "keys",
  "operator-token",
  "parameters.txt",
  "plan.json",
  "secrets",
  ...[...repoObservedSystem().values()].flatMap((spec) => secretVariables(spec).map(({ secret }) => secret)),
];

/** A name that a pattern stands for. */
const patternOf = (name: string): string => `**/${name.replace(/^.*-seed$/, "*-seed")}`;

/** Git's own folder: no file that git could ignore. */
const ONLY_OF_THE_ENGINE = [".git"];

/** The `ignore` list of the module's source, which the engine applies before it is given anything. */
const ignoredByEngine: string[] = JSON.parse(
  `[${/ignore: \[([^\]]*)\]/.exec(repoText("dagger/src/index.ts"))?.[1]?.trim().replace(/,$/, "")}]`,
);

/** The same words as the engine writes them: without a slash at its start a name counts in every folder. */
const ignoredByGit = repoText(".gitignore")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.replace(/\/$/, ""))
  .map((line) => (line.startsWith("/") ? line.slice(1) : `**/${line}`));

it("nothing private is committed or given to the engine, wherever in the checkout it lies", () => {
  for (const name of PRIVATE) {
    expect(ignoredByGit, name).toContain(patternOf(name));
    expect(ignoredByEngine, name).toContain(patternOf(name));
  }
});

it("git and the engine leave out the same files", () => {
  expect([...ignoredByEngine].sort()).toEqual([...ignoredByGit, ...ONLY_OF_THE_ENGINE].sort());
});
