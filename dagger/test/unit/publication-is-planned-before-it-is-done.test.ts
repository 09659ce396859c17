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
      "MS-ECR-003 tag 1.4.0 of golden/shop holds sha256:aa, this build is sha256:bb. Next: publish a new commit or a new version, or give another --tag; a tag other than latest is never moved.",
    );
    expect(() => refuseConflicts(planTags([request], {}))).not.toThrow();
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
      access: {
        region: "eu-central-1",
        source: { kind: "keys", accessKeyId: "a", secretAccessKey: "b" },
      },
    });
  });

  it("may be a registry with an authority of its own", () => {
    expect(publishTarget({ address: "r:5000", ca: "PEM" })).toEqual({
      kind: "registry",
      address: "r:5000",
      ca: "PEM",
    });
  });

  it.each([
    [{ address: "http://r:5000" }, true],
    [{ address: "r:5000", insecure: true }, true],
    [{ address: "https://r:5000", insecure: false }, undefined],
  ])("speaks plain http only to a registry of which that was said: %o", (given, insecure) => {
    expect(publishTarget(given)).toEqual({
      kind: "registry",
      address: "r:5000",
      ...(insecure && { insecure }),
    });
  });
});

it("a plan reads like a difference", () => {
  const held = { "golden/shop:1.4.0": NEW, "golden/shop:latest": "sha256:aa" };
  const desired = desiredRepository(serviceOf(goldenSystem(), "shop"), { kmsKey: "arn:aws:kms:x" });
  const actual = { ...desired, scanOnPush: false, lifecycle: "", encryption: "AES256" };
  const text = planText(
    {
      address: "registry.example",
      repositories: [
        repositoryChange(desired, actual),
        repositoryChange({ ...desired, name: "new" }, undefined),
      ],
      tags: planTags([request], held),
    },
    false,
  );
  expect(text.split("\n")).toEqual([
    "registry registry.example",
    "~ golden/shop  settings drifted",
    "    scanOnPush: false -> true",
    "    lifecycle: none -> ours",
    "! golden/shop  encryption of golden/shop is AES256, asked for was KMS arn:aws:kms:x",
    "+ new  new repository",
    "= golden/shop:1.4.0  sha256:bb present, nothing uploaded",
    "~ golden/shop:latest  sha256:aa -> sha256:bb",
    "1 repositories to create, 1 to update; 0 tags to push, 1 to move, 1 present, 1 refused",
  ]);
});
