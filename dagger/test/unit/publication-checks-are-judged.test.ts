import { describe, expect, it } from "vitest";
import type { PublicationPlan } from "../../src/publication/plan.ts";
import { planTags } from "../../src/publication/tag-plan.ts";
import { buildsTable, differingBuilds } from "../../src/text/builds.ts";
import { judgeVisit, visitsTable } from "../../src/text/visits.ts";

describe("builds of the same sources", () => {
  const build = (name: string, run: string, digest: string, layers: string[]) => ({
    name,
    build: run,
    digest,
    layers,
  });
  const same = [build("a", "1", "sha256:x", ["l1", "l2"]), build("a", "2", "sha256:x", ["l1", "l2"])];

  it("are the same when every digest is", () => {
    expect(differingBuilds(same)).toEqual([]);
    expect(buildsTable(same)).toContain("the same digest in every build");
  });

  it("differ when one does, and the layer is named", () => {
    const records = [
      ...same,
      build("b", "1", "sha256:y", ["l1", "l2"]),
      build("b", "2", "sha256:z", ["l1", "l3"]),
    ];
    expect(differingBuilds(records)).toEqual(["b"]);
    expect(buildsTable(records).split("\n").slice(-3)).toEqual(["b: layer 2 of 2", "  1: l2", "  2: l3"]);
  });

  it("may differ in the configuration alone", () => {
    const records = [build("b", "1", "sha256:y", ["l1"]), build("b", "2", "sha256:z", ["l1"])];
    expect(buildsTable(records)).toContain("b: the layers are the same, the configuration differs");
  });
});

describe("a kind of registry", () => {
  const plan = (held: Record<string, string>): PublicationPlan => ({
    address: "r",
    repositories: [],
    tags: planTags([{ repository: "zoo", tags: ["1.0.0"], digest: "sha256:z" }], held),
  });
  const first = plan({});
  const second = plan({ "zoo:1.0.0": "sha256:z" });

  it("is fine when the second publication has nothing to do", () => {
    expect(judgeVisit("plain", false, [first, second], undefined)).toEqual({
      name: "plain",
      outcome: "published as sha256:z, then nothing to do",
    });
  });

  it.each<[string, boolean, PublicationPlan[], string | undefined, string]>([
    ["forgets what it got", false, [first, first], undefined, "the second publication found 1 changes"],
    ["refuses us", false, [first], "MS-ECR-005 denied", "MS-ECR-005 denied"],
    ["takes anybody", true, [first, second], undefined, "the publication went through"],
    ["does not come up", true, [], "MS-PIPE-007 no port", "MS-PIPE-007 no port"],
  ])("is wrong when it %s", (name, refuses, plans, refusal, fault) => {
    const visit = judgeVisit(name, refuses, plans, refusal);
    expect(visit.fault).toBe(fault);
    expect(visitsTable([visit])).toContain(`--- ${name}\n${fault}`);
  });

  it("is fine when it refuses whom it must refuse", () => {
    expect(judgeVisit("locked", true, [], "MS-ECR-005 denied")).not.toHaveProperty("fault");
  });
});
