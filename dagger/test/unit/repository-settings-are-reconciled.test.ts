import { describe, expect, it } from "vitest";
import { refusePlan } from "../../src/publication/plan.ts";
import {
  desiredRepository,
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
