import { describe, expect, it } from "vitest";
import { refusePlan } from "../../src/publication/plan.ts";
import { planText } from "../../src/publication/plan-text.ts";
import {
  desiredRepository,
  ownTags,
  type RepositorySettings,
  repositoryChange,
} from "../../src/publication/repository.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenSystem } from "./support/golden.ts";

const ACCOUNT = "123456789012";
const spec = serviceOf(goldenSystem(), "shop");
const desired = desiredRepository(spec, { pullAccounts: [ACCOUNT] });

interface Policy {
  Statement: Record<string, unknown>[];
}

function settingsThatDiffer(actual: RepositorySettings): string[] {
  return repositoryChange(desired, actual).differences.map(({ setting }) => setting);
}

it("a new repository gets everything", () => {
  const change = repositoryChange(desired, undefined);
  expect(change.action).toBe("create");
  expect(Object.fromEntries(change.differences.map(({ setting, to }) => [setting, to]))).toEqual({
    immutableTags: "true",
    scanOnPush: "true",
    encryption: "AES256",
    lifecycle: desired.lifecycle,
    policy: desired.policy,
    tags: "Component=shop Environment=production ManagedBy=dagger Project=mistersmith",
  });
});

it("a repository in which nothing differs stays", () => {
  expect(repositoryChange(desired, { ...desired })).toMatchObject({
    action: "none",
    differences: [],
    notices: [],
  });
});

it.each([
  ["immutableTags", { immutableTags: false }],
  ["scanOnPush", { scanOnPush: false }],
  ["lifecycle", { lifecycle: "" }],
  ["policy", { policy: "" }],
  ["tags", { tags: { ...desired.tags, ManagedBy: "hand" } }],
])("%s that drifted is put right, with what it was", (setting, drift) => {
  const change = repositoryChange(desired, { ...desired, ...drift });
  expect(change.action).toBe("update");
  expect(change.differences.map((difference) => difference.setting)).toEqual([setting]);
});

describe("policies", () => {
  it("untagged images go after 7 days, 50 releases stay, and `latest` is no release", () => {
    const { rules } = JSON.parse(desired.lifecycle) as { rules: { selection: object }[] };
    expect(rules.map(({ selection }) => selection)).toEqual([
      { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
      {
        tagStatus: "tagged",
        tagPatternList: ["*.*.*"],
        countType: "imageCountMoreThan",
        countNumber: 50,
      },
    ]);
  });

  it("are the same in another order and in the form in which AWS gives them back", () => {
    const { rules } = JSON.parse(desired.lifecycle) as { rules: object[] };
    const reversed = rules.map((rule) => Object.fromEntries(Object.entries(rule).reverse()));
    const policy = JSON.parse(desired.policy) as Policy;
    const [statement] = policy.Statement;
    const given = { ...policy, Statement: { ...statement, Principal: { AWS: ACCOUNT } } };
    expect(
      settingsThatDiffer({
        ...desired,
        lifecycle: JSON.stringify({ rules: reversed }),
        policy: JSON.stringify(given),
      }),
    ).toEqual([]);
  });

  it("let the account and those that were named pull, and nobody push", () => {
    const both = desiredRepository(spec, { pullAccounts: [ACCOUNT, "210987654321", ACCOUNT] });
    const [statement] = (JSON.parse(both.policy) as Policy).Statement;
    expect(statement).toMatchObject({
      Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`, "arn:aws:iam::210987654321:root"] },
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    });
    expect(desiredRepository(spec).policy).toBe("");
  });
});

describe("what others made", () => {
  const foreign = { Sid: "Audit", Effect: "Allow", Principal: "*", Action: "ecr:ListImages" };

  it("a policy statement stays beside ours, and is named", () => {
    const change = repositoryChange(desired, { ...desired, policy: JSON.stringify({ Statement: foreign }) });
    const statements = (JSON.parse(change.settings.policy) as Policy).Statement;
    expect(change.differences.map(({ setting }) => setting)).toEqual(["policy"]);
    expect(statements.map(({ Sid }) => Sid)).toEqual(["Audit", "MisterSmithPull"]);
    expect(change.notices).toEqual(["policy statement of somebody else stays: Audit"]);
  });

  it("a policy stays as it is when we want none", () => {
    const policy = JSON.stringify({ Statement: foreign });
    const change = repositoryChange({ ...desired, policy: "" }, { ...desired, policy });
    expect(change).toMatchObject({ action: "none", settings: { policy } });
  });

  it("a tag stays and is no difference", () => {
    const change = repositoryChange(desired, { ...desired, tags: { ...desired.tags, team: "a" } });
    expect(change.action).toBe("none");
    expect(change.settings.tags).toMatchObject({ team: "a", Environment: "production" });
  });
});

describe("what another publication gave", () => {
  const PARTNER = "222222222222";
  const given = {
    ...desired,
    policy: desiredRepository(spec, { pullAccounts: [ACCOUNT, PARTNER] }).policy,
    tags: { ...desired.tags, Environment: "staging" },
  };
  const notNamed = { environment: true, pullAccounts: true };

  it("stays when a plain publication names neither accounts nor environment", () => {
    expect(repositoryChange(desired, given, notNamed)).toMatchObject({ action: "none", settings: given });
  });

  it("stays also when something else is put right", () => {
    const drifted = { ...given, scanOnPush: false, tags: { ...given.tags, ManagedBy: "hand" } };
    const { differences, settings, notices } = repositoryChange(desired, drifted, notNamed);
    expect(differences.map(({ setting }) => setting)).toEqual(["scanOnPush", "tags"]);
    expect(settings.policy).toContain(PARTNER);
    expect(settings.tags.Environment).toBe("staging");
    expect(notices).toEqual([]);
  });

  it("gets what is missing: the own account and the tag", () => {
    const bare = { ...given, policy: "", tags: {} };
    expect(repositoryChange(desired, bare, notNamed).settings).toMatchObject({
      policy: desired.policy,
      tags: { Environment: "production" },
    });
  });

  it("is taken back by whoever names others, and the plan says who loses what", () => {
    const change = repositoryChange(desired, given);
    expect(change.notices).toEqual(["account 222222222222 loses the right to pull"]);
    const plan = { address: "r", repositories: [change], tags: [] };
    expect(planText(plan, false)).toContain("account 222222222222 loses the right to pull");
    expect(planText(plan, false)).toContain("Environment=staging");
  });

  it("tags of AWS and of others are not written back", () => {
    const foreign = { "aws:cloudformation:stack-name": "base", team: "a" };
    const { settings } = repositoryChange(desired, { ...given, tags: { ...foreign, Environment: "x" } });
    expect(settings.tags).toMatchObject(foreign);
    expect(ownTags(settings.tags)).toEqual(desired.tags);
  });
});

describe("encryption, which nobody can change", () => {
  const wanted = desiredRepository(spec, { kmsKey: "arn:aws:kms:eu-central-1:1:key/a" });

  it("is refused when another was asked for, before anything is done", () => {
    const change = repositoryChange(wanted, { ...wanted, encryption: "AES256" });
    expect(change).toMatchObject({ action: "none", settings: { encryption: "AES256" } });
    expect(() => refusePlan({ address: "r", repositories: [change], tags: [] })).toThrow(
      "MS-ECR-008 encryption of golden/shop is AES256, asked for was KMS arn:aws:kms:eu-central-1:1:key/a. Next: ",
    );
  });

  it("is fine as it is when none was asked for, or the same", () => {
    expect(repositoryChange(desired, { ...desired, encryption: "KMS arn:x" })).not.toHaveProperty("refused");
    expect(repositoryChange(wanted, { ...wanted })).not.toHaveProperty("refused");
  });
});
