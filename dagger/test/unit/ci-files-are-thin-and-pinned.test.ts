import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { repoText } from "./support/repo.ts";

interface Step {
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { uses?: string; permissions?: Record<string, string>; steps?: Step[] }>;
}

const NAMES = ["pipeline", "check", "publish", "nightly"];
const workflows = NAMES.map((name): [string, Workflow] => [
  name,
  parse(repoText(`.github/workflows/${name}.yml`)) as Workflow,
]);
const gitlab = parse(repoText(".gitlab-ci.yml")) as Record<
  string,
  {
    script?: string[];
    before_script?: string[];
    after_script?: string[];
    rules?: { if: string }[];
    artifacts?: unknown;
    id_tokens?: unknown;
  }
>;
const buildspec: unknown = parse(repoText("buildspec.yml"));
const makefile = repoText("Makefile");

const commands = z.array(z.string());
/** What CodeBuild documents of version 0.2, as far as it is used here. */
const buildspecSchema = z.strictObject({
  version: z.literal(0.2),
  env: z.strictObject({ shell: z.enum(["bash", "/bin/sh"]), variables: z.record(z.string(), z.string()) }),
  phases: z.strictObject({
    install: z.strictObject({ "runtime-versions": z.record(z.string(), z.number()) }),
    build: z.strictObject({ commands }),
    post_build: z.strictObject({ commands }),
  }),
  reports: z.record(
    z.string(),
    z.strictObject({ "base-directory": z.string(), files: commands, "file-format": z.literal("JUNITXML") }),
  ),
  artifacts: z.strictObject({ "base-directory": z.string(), files: commands }),
  cache: z.strictObject({ paths: commands }),
});

const stepsOf = (workflow: Workflow) => Object.values(workflow.jobs).flatMap((job) => job.steps ?? []);
const targetsIn = (text: string) => [...text.matchAll(/\bmake ([a-z-]+)/g)].map((match) => match[1] ?? "");

describe.each(workflows)("workflow %s", (name, workflow) => {
  it("takes actions by commit, and says which release that is", () => {
    const lines = repoText(`.github/workflows/${name}.yml`)
      .split("\n")
      .filter((line) => /\buses:/.test(line) && !line.startsWith("#"));
    for (const line of lines)
      expect(line).toMatch(
        /uses: (\.\/\.github\/workflows\/[a-z]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      );
  });

  it("may read, and where it publishes ask for a token", () => {
    expect(workflow.permissions).toEqual({ contents: "read" });
    for (const [job, { permissions = {} }] of Object.entries(workflow.jobs)) {
      const writes = Object.entries(permissions).filter(([, right]) => right !== "read");
      expect(writes, job).toEqual(job === "publish" ? [["id-token", "write"]] : []);
    }
  });

  it("runs nothing but make, and shows the disk and the report", () => {
    for (const { run } of stepsOf(workflow))
      if (run !== undefined)
        expect(run).toMatch(/^(make [a-z-]+|df -h|cat out\/report\/report\.md >> "\$GITHUB_STEP_SUMMARY")$/);
  });

  it("leaves no token of the checkout behind", () => {
    for (const step of stepsOf(workflow))
      if (step.uses?.startsWith("actions/checkout@"))
        expect(step.with).toEqual({ "persist-credentials": false });
  });
});

describe("the three systems", () => {
  const targetsOf = (isMeant: (name: string) => boolean) =>
    workflows
      .filter(([name]) => isMeant(name))
      .flatMap(([, workflow]) => stepsOf(workflow).flatMap((step) => targetsIn(step.run ?? "")));
  const github = targetsOf((name) => name !== "nightly");
  const ofGitlab = Object.entries(gitlab)
    .filter(([name]) => name !== "nightly")
    .flatMap(([, job]) => (job.script ?? []).flatMap(targetsIn));
  const codebuild = buildspecSchema.parse(buildspec).phases;
  const ofCodebuild = [...codebuild.build.commands, ...codebuild.post_build.commands].flatMap(targetsIn);

  it("call the same targets, which the Makefile has", () => {
    expect(github).toEqual(["test", "publish"]);
    expect(ofGitlab).toEqual(github);
    expect(ofCodebuild).toEqual(github);
    for (const target of github) expect(makefile).toMatch(new RegExp(`^${target}:`, "m"));
  });

  it("run at night what takes too long for every change", () => {
    const nightly = ["test-machines", "test-planted"];
    expect(targetsOf((name) => name === "nightly")).toEqual(nightly);
    expect((gitlab.nightly?.script ?? []).flatMap(targetsIn)).toEqual(nightly);
    for (const target of nightly) expect(makefile).toMatch(new RegExp(`^${target}:`, "m"));
    const whens = Object.entries(gitlab).flatMap(([name, { rules = [] }]) =>
      rules.map((rule) => [name, /\$CI_PIPELINE_SOURCE (==|!=) "schedule"/.exec(rule.if)?.[1]]),
    );
    expect(whens.filter(([name]) => name !== "workflow")).toEqual([
      ["check", "!="],
      ["nightly", "=="],
      ["publish", "!="],
    ]);
  });

  it("show the disk before the tests and after them, also of a red run", () => {
    const check = workflows.flatMap(([name, workflow]) => (name === "check" ? stepsOf(workflow) : []));
    const shown = check.filter(({ run }) => run === "df -h" || run === "make test");
    expect(shown.map(({ run, if: when }) => [run, when])).toEqual([
      ["df -h", undefined],
      ["make test", undefined],
      ["df -h", "always()"],
    ]);
    expect(gitlab.default?.before_script?.at(-1)).toBe("df -h");
    expect(gitlab.default?.after_script).toEqual(["df -h"]);
    expect(codebuild.build.commands).toEqual(["df -h", "make test"]);
    expect(codebuild.post_build.commands[0]).toBe("df -h");
  });

  it("show or keep the report, also of a red run", () => {
    const steps = workflows.flatMap(([name, workflow]) => (name === "check" ? stepsOf(workflow) : []));
    const kept = steps.filter(
      ({ run, uses }) => run?.includes("report.md") || uses?.includes("upload-artifact"),
    );
    expect(kept.map((step) => step.if)).toEqual(["always()", "always()"]);
    expect(gitlab.check?.artifacts).toEqual({
      when: "always",
      paths: ["out/report"],
      reports: { junit: "out/report/junit.xml" },
    });
  });

  it("take on the role with a token of the job, wherever they publish", () => {
    const publish = workflows.flatMap(([name, workflow]) => (name === "publish" ? stepsOf(workflow) : []));
    const names = publish.map(({ uses = "", run }) => run ?? uses.replace(/@.*/, ""));
    const role = names.indexOf("aws-actions/configure-aws-credentials");
    expect(publish[role]?.with).toHaveProperty("role-to-assume");
    expect(names.indexOf("make publish")).toBeGreaterThan(role);
    const issued = gitlab.publish?.id_tokens;
    expect(issued).toEqual({ WEB_IDENTITY: { aud: "sts.amazonaws.com" } });
    expect(gitlab.publish?.script?.[0]).toContain("$WEB_IDENTITY");
  });

  it("keep what was published", () => {
    const publish = workflows.flatMap(([name, workflow]) => (name === "publish" ? stepsOf(workflow) : []));
    expect(publish.at(-1)?.with).toEqual({ name: "images", path: "out/images.json" });
    expect(gitlab.publish?.artifacts).toEqual({ paths: ["out/images.json"] });
  });

  it("have a recipe for the cache each in docs/ci.md", () => {
    const sections = repoText("docs/ci.md").split(/^## /m);
    for (const system of ["GitHub Actions", "GitLab CI", "AWS CodeBuild"])
      expect(
        sections.find((section) => section.startsWith(system)),
        system,
      ).toMatch(/^\*\*Cache\.\*\*/m);
  });

  it("hold no key of AWS", () => {
    const texts = [
      ...NAMES.map((name) => `.github/workflows/${name}.yml`),
      ".gitlab-ci.yml",
      "buildspec.yml",
    ];
    for (const text of texts.map(repoText)) expect(text).not.toMatch(/ACCESS_KEY|SECRET/i);
  });
});
