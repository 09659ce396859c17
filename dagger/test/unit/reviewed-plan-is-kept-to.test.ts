import { describe, expect, it } from "vitest";
import { changeCount, firstDifference, type PublicationPlan } from "../../src/publication/plan.ts";
import { parsePlan, planJson } from "../../src/publication/plan-file.ts";
import {
  desiredRepository,
  type RepositorySettings,
  repositoryChange,
} from "../../src/publication/repository.ts";
import { planTags } from "../../src/publication/tag-plan.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { goldenSystem } from "./support/golden.ts";

const desired = desiredRepository(serviceOf(goldenSystem(), "shop"), { pullAccounts: ["123456789012"] });
const DRIFTED = { ...desired, scanOnPush: false };

interface World {
  address?: string;
  actual?: RepositorySettings | undefined;
  held?: Record<string, string>;
  digest?: string;
  tag?: string;
}

/** The plan of one image, as things are. */
function planIn({
  address = "r",
  actual,
  held = {},
  digest = "sha256:bb",
  tag = "1.0.0",
}: World): PublicationPlan {
  return {
    address,
    repositories: [repositoryChange(desired, actual)],
    tags: planTags([{ repository: "golden/shop", tags: [tag, "latest"], digest }], held),
  };
}

describe("a plan as JSON", () => {
  const plan = planIn({ actual: DRIFTED, held: { "golden/shop:latest": "sha256:aa" } });

  it("comes back as it was, with everything that changes", () => {
    expect(parsePlan(planJson(plan))).toEqual(plan);
    expect(JSON.parse(planJson(plan))).toMatchObject({
      version: 1,
      changes: { repositories: 1, tags: 2 },
      repositories: [
        { action: "update", differences: [{ setting: "scanOnPush", from: "false", to: "true" }] },
      ],
      tags: [{ action: "push" }, { action: "move", held: "sha256:aa" }],
    });
  });

  it("counts nothing when everything is there", () => {
    const held = { "golden/shop:latest": "sha256:bb", "golden/shop:1.0.0": "sha256:bb" };
    expect(changeCount(planIn({ actual: desired, held }))).toEqual({ repositories: 0, tags: 0 });
  });

  it.each([
    ["{", "the file given is no plan: "],
    [`{"version":2,"address":"r","repositories":[],"tags":[]}`, "version: "],
    [planJson(plan).replace(`"move"`, `"delete"`), "tags.1.action: "],
  ])("is refused when it is none: %s", (text, reason) => {
    expect(() => parsePlan(text)).toThrow(/^MS-ECR-009 /);
    expect(() => parsePlan(text)).toThrow(reason);
  });
});

describe("a plan holds", () => {
  const planned = planIn({ held: { "golden/shop:latest": "sha256:aa" } });

  it("as long as nothing moved", () => {
    expect(firstDifference(planned, planIn({ held: { "golden/shop:latest": "sha256:aa" } }))).toBeUndefined();
  });

  it("when a part of it was done: that is an interrupted publication", () => {
    const created = { ...desired, lifecycle: "", policy: "" };
    const held = { "golden/shop:latest": "sha256:aa", "golden/shop:1.0.0": "sha256:bb" };
    expect(firstDifference(planned, planIn({ actual: created, held }))).toBeUndefined();
    expect(firstDifference(planned, planIn({ actual: desired, held: {} }))).toMatch(/holds nothing now/);
  });

  it("when somebody else put one of the drifted settings right", () => {
    const both = planIn({ actual: { ...desired, scanOnPush: false, lifecycle: "" } });
    expect(firstDifference(both, planIn({ actual: DRIFTED }))).toBeUndefined();
  });
});

describe("a plan is refused with the first difference", () => {
  it.each<[string, World, World, string]>([
    ["another registry", {}, { address: "s" }, "it is a plan for r, this publication goes to s"],
    [
      "another build",
      {},
      { digest: "sha256:cc" },
      "golden/shop:1.0.0 is sha256:cc in this build, sha256:bb in the plan",
    ],
    ["another tag", {}, { tag: "2.0.0" }, "golden/shop:2.0.0 is not in the plan"],
    [
      "a tag that somebody moved",
      { held: { "golden/shop:latest": "sha256:aa" } },
      { held: { "golden/shop:latest": "sha256:dd" } },
      "golden/shop:latest holds sha256:dd now, sha256:aa when the plan was made",
    ],
    ["a repository that has gone", { actual: desired }, {}, "golden/shop has gone since the plan was made"],
    [
      "a setting that drifted since",
      { actual: desired },
      { actual: DRIFTED },
      "golden/shop would change in a way that the plan does not have: scanOnPush from false to true",
    ],
    [
      "a setting that drifted further since",
      { actual: { ...desired, tags: { ...desired.tags, Project: "a" } } },
      { actual: { ...desired, tags: { ...desired.tags, Project: "b" } } },
      "golden/shop would change in a way that the plan does not have: " +
        "tags from Component=shop Environment=production ManagedBy=dagger Project=b " +
        "to Component=shop Environment=production ManagedBy=dagger Project=mistersmith",
    ],
  ])("%s", (_name, before, after, difference) => {
    expect(firstDifference(planIn(before), planIn(after))).toBe(difference);
  });

  it("an image that is not part of this publication", () => {
    const now = { ...planIn({}), repositories: [] };
    expect(firstDifference(planIn({}), now)).toBe("golden/shop is in the plan and not in this publication");
  });
});
