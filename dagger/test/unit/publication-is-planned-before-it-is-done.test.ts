import { describe, expect, it } from "vitest";
import { planText } from "../../src/publication/plan-text.ts";
import { desiredRepository, repositoryChange } from "../../src/publication/repository.ts";
import { planTags, refuseConflicts } from "../../src/publication/tag-plan.ts";
import { publishTarget } from "../../src/publication/target.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenSystem } from "./support/golden.ts";

const NEW = "sha256:bb";
const request = { repository: "golden/shop", tags: ["1.4.0", "latest"], digest: NEW };

describe("a tag", () => {
  it("is pushed when the registry does not hold it", () => {
    expect(planTags([request], {}).map((step) => step.action)).toEqual(["push", "push"]);
  });

  it("is present when it holds the same digest", () => {
    const held = { "golden/shop:1.4.0": NEW, "golden/shop:latest": NEW };
    expect(planTags([request], held).map((step) => step.action)).toEqual(["present", "present"]);
  });

  it("moves only when it is the moving one; any other is refused with both digests", () => {
    const held = { "golden/shop:1.4.0": "sha256:aa", "golden/shop:latest": "sha256:aa" };
    const steps = planTags([request], held);
    expect(steps.map((step) => step.action)).toEqual(["conflict", "move"]);
    expect(() => refuseConflicts(steps)).toThrow(
      "MS-ECR-003 tag 1.4.0 of golden/shop holds sha256:aa, this build is sha256:bb. Next: raise the version.",
    );
    expect(() => refuseConflicts(planTags([request], {}))).not.toThrow();
  });
});

describe("a repository", () => {
  const desired = desiredRepository(serviceOf(goldenSystem(), "shop"));

  it("is created when it is not there, and kept when nothing differs", () => {
    expect(repositoryChange(desired, undefined).action).toBe("create");
    expect(repositoryChange(desired, { ...desired }).action).toBe("keep");
  });

  it("is kept when the policy is the same in another order, or somebody added a tag", () => {
    const policy = JSON.parse(desired.lifecycle) as { rules: object[] };
    const rules = policy.rules.map((rule) => Object.fromEntries(Object.entries(rule).reverse()));
    const actual = { ...desired, lifecycle: JSON.stringify({ rules }), tags: { ...desired.tags, team: "a" } };
    expect(repositoryChange(desired, actual)).toEqual({
      name: "golden/shop",
      action: "keep",
      differences: [],
    });
  });

  it.each([
    ["immutableTags", { immutableTags: false }],
    ["scanOnPush", { scanOnPush: false }],
    ["lifecycle", { lifecycle: "" }],
    ["tags", { tags: {} }],
  ])("is updated when %s drifted", (setting, drift) => {
    const change = repositoryChange(desired, { ...desired, ...drift });
    expect(change).toEqual({ name: "golden/shop", action: "update", differences: [setting] });
  });
});

describe("where to publish", () => {
  it("must be said", () => {
    expect(() => publishTarget({})).toThrow(
      /^MS-ECR-001 .*Next: give --aws-region .* or --address .*--local/,
    );
  });

  it.each([
    [{ address: "r", username: "u" }, "--username came without --password"],
    [{ awsAccessKeyId: "a", awsRegion: "r" }, "--aws-access-key-id came without --aws-secret-access-key"],
    [{ awsAccessKeyId: "a", awsSecretAccessKey: "b" }, "without --aws-region"],
  ])("is refused with half of its credentials: %o", (given, reason) => {
    expect(() => publishTarget(given)).toThrow(`MS-ECR-002`);
    expect(() => publishTarget(given)).toThrow(reason);
  });

  it("is the graph's own registry, another registry, or ECR", () => {
    expect(publishTarget({ local: true })).toEqual({ kind: "local" });
    expect(publishTarget({ address: "https://ghcr.io/me/", username: "u", password: "p" })).toEqual({
      kind: "registry",
      address: "ghcr.io/me",
      username: "u",
      password: "p",
    });
    const aws = { awsRegion: "eu-central-1", awsAccessKeyId: "a", awsSecretAccessKey: "b" };
    expect(publishTarget(aws)).toEqual({
      kind: "ecr",
      region: "eu-central-1",
      accessKeyId: "a",
      secretAccessKey: "b",
    });
  });
});

it("a plan reads like a difference", () => {
  const held = { "golden/shop:1.4.0": NEW, "golden/shop:latest": "sha256:aa" };
  const text = planText(
    {
      address: "registry.example",
      repositories: [{ name: "golden/shop", action: "update", differences: ["scanOnPush"] }],
      tags: planTags([request], held),
    },
    false,
  );
  expect(text.split("\n")).toEqual([
    "registry registry.example",
    "~ golden/shop  settings: scanOnPush",
    "= golden/shop:1.4.0  sha256:bb present, nothing uploaded",
    "~ golden/shop:latest  sha256:aa -> sha256:bb",
    "0 repositories to create, 1 to update; 0 tags to push, 1 to move, 1 present",
  ]);
});
