import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { tagsOfBuild } from "../../src/publication/image-tags.ts";
import { planTags, refuseConflicts } from "../../src/publication/tag-plan.ts";
import { repoText } from "./support/repo.ts";

const version = "1.4.0";
const commit = (digit: string) => digit.repeat(40);
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const REPOSITORY = "mistersmith/tools";

/** A registry whose tags, but the one that moves, stay what they are. */
class Registry {
  readonly held: Record<string, string> = {};

  publish(names: Parameters<typeof tagsOfBuild>[0], content: string): string[] {
    const tags = tagsOfBuild(names)(content);
    const steps = planTags([{ repository: REPOSITORY, tags, digest: content }], this.held);
    refuseConflicts(steps);
    for (const step of steps) this.held[`${REPOSITORY}:${step.tag}`] = content;
    return steps.map(({ tag, action }) => `${action} ${tag}`);
  }
}

describe("the same version, published again and again", () => {
  it("from another commit each time gets a tag of its own, and latest follows", () => {
    const registry = new Registry();
    const merges = ["a", "b", "c"].map((digit) =>
      registry.publish({ version, revision: commit(digit) }, digest(digit)),
    );
    expect(merges).toEqual([
      ["push git-aaaaaaaaaaaa", "push latest"],
      ["push git-bbbbbbbbbbbb", "move latest"],
      ["push git-cccccccccccc", "move latest"],
    ]);
    expect(registry.publish({ version, revision: commit("c") }, digest("c"))).toEqual([
      "present git-cccccccccccc",
      "present latest",
    ]);
  });

  it("as a release gets its version once, beside the commit, and latest stays with the newest merge", () => {
    const registry = new Registry();
    registry.publish({ version, revision: commit("a") }, digest("a"));
    registry.publish({ version, revision: commit("b") }, digest("b"));
    const release = { version, release: "v1.4.0" };
    expect(registry.publish({ ...release, revision: commit("a") }, digest("a"))).toEqual([
      "push 1.4.0",
      "present git-aaaaaaaaaaaa",
    ]);
    expect(registry.held[`${REPOSITORY}:latest`]).toBe(digest("b"));
    expect(() => registry.publish({ ...release, revision: commit("b") }, digest("b"))).toThrow("MS-ECR-003");
  });

  it("without a clean commit goes by its content", () => {
    const registry = new Registry();
    for (const [revision, digit] of [
      [undefined, "1"],
      [`${commit("a")}-dirty`, "2"],
      [`${commit("a")}-dirty`, "3"],
    ] as const)
      expect(registry.publish({ version, revision }, digest(digit))[0]).toBe(
        `push 1.4.0-dev.${digit.repeat(12)}`,
      );
  });

  it("goes by the tag that was asked for", () => {
    expect(tagsOfBuild({ version, revision: commit("a"), tag: "mine" })(digest("a"))).toEqual([
      "mine",
      "latest",
    ]);
  });
});

it.each([
  ["another version", { release: "v1.5.0", revision: commit("a") }, '"v1.5.0", and package.json has'],
  ["an empty name", { release: "", revision: commit("a") }, '"", and package.json has'],
  ["no commit", { release: "v1.4.0" }, "names no commit"],
  [
    "what was not committed",
    { release: "v1.4.0", revision: `${commit("a")}-dirty` },
    "not what was committed",
  ],
  ["another tag", { release: "v1.4.0", revision: commit("a"), tag: "x" }, "both given"],
])("a release of %s is refused", (_what, names, said) => {
  expect(() => tagsOfBuild({ version, ...names })).toThrow("MS-ECR-016");
  expect(() => tagsOfBuild({ version, ...names })).toThrow(said);
});

describe("the CI files", () => {
  const github = parse(repoText(".github/workflows/pipeline.yml")) as {
    on: { push: object };
    jobs: { publish: { if: string } };
  };
  const gitlab = parse(repoText(".gitlab-ci.yml")) as Record<string, { rules: { if: string }[] }>;

  it("publish each merge and each release", () => {
    expect(github.on.push).toEqual({ branches: ["main"], tags: ["v*"] });
    expect(github.jobs.publish.if).toContain("github.ref == 'refs/heads/main'");
    expect(github.jobs.publish.if).toContain("startsWith(github.ref, 'refs/tags/v')");
    for (const job of ["workflow", "publish"])
      expect(gitlab[job]?.rules.map((rule) => rule.if).join(" "), job).toMatch(/\$CI_COMMIT_TAG =~ \/\^v\//);
  });

  it("leave the choice of tags to `make publish`, which knows a release by git's tag and names no version", () => {
    const target = /^publish:.*\n(?:\t.*\n)+/m.exec(repoText("Makefile"))?.[0] ?? "";
    expect(target).toContain('$(if $(RELEASE),--release "$(RELEASE)")');
    expect(target).not.toContain("--tag");
    expect(repoText("Makefile")).toMatch(/^RELEASE = .*git tag --points-at HEAD/m);
  });
});
