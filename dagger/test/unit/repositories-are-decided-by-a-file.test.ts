import { expect, it } from "vitest";
import { decideRepositories, REPOSITORY_FILE } from "../../src/publication/repository-file.ts";
import { repoText } from "./support/repo.ts";

const FILE = 'environment: staging\npullAccounts: ["222222222222"]\n';

it("the file of this repository names nothing, so that everything is kept", () => {
  expect(decideRepositories(repoText(REPOSITORY_FILE), { pullAccounts: [] })).toEqual({
    options: { pullAccounts: [] },
    kept: { environment: true, pullAccounts: true },
  });
});

it("the file counts for every publication, and what a caller names before it", () => {
  expect(decideRepositories(FILE, {})).toEqual({
    options: { environment: "staging", pullAccounts: ["222222222222"] },
    kept: { environment: false, pullAccounts: false },
  });
  const given = { environment: "production", pullAccounts: ["333333333333"] };
  expect(decideRepositories(FILE, given).options).toEqual(given);
});

it("an empty list in the file takes the right from everybody else", () => {
  expect(decideRepositories("pullAccounts: []\n", {}).kept.pullAccounts).toBe(false);
});

it.each([
  ["an unknown setting", "enviroment: staging\n", "enviroment"],
  [
    "an account that is a number",
    "pullAccounts: [222222222222]\n",
    ":1 pullAccounts.0: an account is 12 digits",
  ],
  ["a key that is no ARN", "kmsKey: alias/x\n", "kmsKey"],
])("%s is refused with its place", (_what, text, said) => {
  expect(() => decideRepositories(text, {})).toThrow("MS-SUPPLY-002 ci/policies/repositories.yaml");
  expect(() => decideRepositories(text, {})).toThrow(said);
});
