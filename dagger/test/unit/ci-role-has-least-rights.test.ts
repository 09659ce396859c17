import { describe, expect, it } from "vitest";
import {
  emitCodebuildTrust,
  emitGithubTrust,
  emitGitlabTrust,
  emitPublishPolicy,
} from "../../src/emit/ci-role.ts";
import { repoSystem, repoText } from "./support/repo.ts";

interface Policy {
  Statement: {
    Sid?: string;
    Effect: string;
    Action: string | string[];
    Resource?: string | string[];
    Principal?: Record<string, string>;
    Condition?: Record<string, Record<string, string>>;
  }[];
}

const place = { account: "123456789012", region: "eu-central-1" };
const policy = emitPublishPolicy(repoSystem(), place) as Policy;
const actions = policy.Statement.flatMap(({ Action }) => Action);

describe("the policy of publication", () => {
  it("allows every call that the pipeline makes", () => {
    const called = [...repoText("dagger/src/adapters/ecr.ts").matchAll(/\b(?:ecr\.)?([A-Z]\w+)Command\(/g)];
    expect(called.length).toBeGreaterThan(5);
    for (const [, name = ""] of called) expect(actions).toContain(`ecr:${name}`);
  });

  it("has no wildcard but for the token, and deletes nothing", () => {
    for (const { Sid, Resource } of policy.Statement)
      if (Sid !== "Token") for (const name of [Resource ?? []].flat()) expect(name).not.toContain("*");
    for (const action of actions) expect(action).toMatch(/^ecr:[A-Za-z]+$/);
    expect(actions.filter((action) => /Delete|Untag/.test(action))).toEqual([]);
  });

  it("is for the project's own repositories", () => {
    expect(policy.Statement[1]?.Resource).toContain(
      "arn:aws:ecr:eu-central-1:123456789012:repository/mistersmith/supervisor",
    );
    expect(policy.Statement[1]?.Resource).toHaveLength(4);
  });
});

describe("who may become the role", () => {
  it("is one branch of one repository and its releases, nothing else", () => {
    const [github] = (emitGithubTrust("me/mine", place.account) as Policy).Statement;
    expect(github?.Condition).toEqual({
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      },
      StringLike: {
        "token.actions.githubusercontent.com:sub": [
          "repo:me/mine:ref:refs/heads/main",
          "repo:me/mine:ref:refs/tags/v*",
        ],
      },
    });
    const [gitlab] = (emitGitlabTrust("us/ours", place.account) as Policy).Statement;
    expect(gitlab?.Condition?.StringLike?.["gitlab.com:sub"]).toEqual([
      "project_path:us/ours:ref_type:branch:ref:main",
      "project_path:us/ours:ref_type:tag:ref:v*",
    ]);
    expect(gitlab?.Principal).toEqual({ Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com" });
  });

  it("is one project of CodeBuild, of the same account", () => {
    const [statement] = (emitCodebuildTrust("images", place) as Policy).Statement;
    expect(statement?.Condition?.StringEquals).toEqual({
      "aws:SourceArn": "arn:aws:codebuild:eu-central-1:123456789012:project/images",
      "aws:SourceAccount": "123456789012",
    });
  });
});
