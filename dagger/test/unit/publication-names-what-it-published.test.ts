import { describe, expect, it } from "vitest";
import { handOffRegistry, parsePublished } from "../../src/emit/hand-off/image-digests.ts";
import { type PublishedRecord, publishedImagesJson } from "../../src/publication/published-images.ts";
import { planTags } from "../../src/publication/tag-plan.ts";
import { PLATFORMS, type Platform } from "../../src/spec/platform.ts";
import { repositoryOf } from "../../src/spec/service-spec.ts";
import { repoSystem, repoText } from "./support/repo.ts";

const [AMD64, ARM64] = PLATFORMS as [Platform, Platform];
const ADDRESS = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const own = [...repoSystem().values()].filter(({ repository }) => repository !== undefined);
const digestOf = (index: number) => `sha256:${String(index + 1).repeat(64)}`;
const tags = planTags(
  own.map((spec, index) => ({
    repository: repositoryOf(spec),
    tags: ["1.4.0", "latest"],
    digest: digestOf(index),
  })),
  {},
);
const images = (...platforms: Platform[]) =>
  publishedImagesJson(
    { address: ADDRESS, tags },
    own,
    platforms.map(({ name }) => name),
  );

describe("images.json of a publication", () => {
  it("has of each image the reference by digest, and every tag that names it", () => {
    const records = JSON.parse(images(AMD64)) as PublishedRecord[];
    expect(records.map(({ name }) => name)).toEqual(own.map(({ name }) => name));
    expect(records[0]).toEqual({
      name: own[0]?.name,
      platform: "linux/amd64",
      digest: digestOf(0),
      ref: `${ADDRESS}/${own[0]?.repository}@${digestOf(0)}`,
      tags: ["1.4.0", "latest"],
    });
  });

  it("is what the hand-off takes: the digests that the registry holds", () => {
    const { digests, platform } = parsePublished(images(ARM64));
    expect(platform).toBe(ARM64);
    expect(Object.values(digests)).toEqual(own.map((_, index) => digestOf(index)));
  });

  it("names the platforms of an index, and the tasks run on any of them", () => {
    expect(parsePublished(images(AMD64, ARM64), ARM64).platform).toBe(ARM64);
    expect(parsePublished(images(ARM64, AMD64)).platform).toBe(AMD64);
    expect(() => parsePublished(images(ARM64), AMD64)).toThrow("MS-PIPE-015");
  });
});

describe("the registry of a hand-off", () => {
  it("is that of its images.json, when nobody names another", () => {
    const there = { account: "123456789012", region: "eu-central-1" };
    expect(handOffRegistry(images(AMD64), {})).toEqual(there);
    expect(handOffRegistry(images(AMD64), there)).toEqual(there);
  });

  it("is refused where images.json names another one: there is no such digest there", () => {
    expect(() => handOffRegistry(images(AMD64), { account: "222222222222" })).toThrow(
      "MS-PIPE-020 images.json names the registry 123456789012.dkr.ecr.eu-central-1.amazonaws.com, and --account is 222222222222",
    );
    expect(() => handOffRegistry(images(AMD64), { region: "us-east-1" })).toThrow(
      "and --region is us-east-1",
    );
  });

  it("is the one named where images.json is of no ECR, or says nothing of one", () => {
    const elsewhere = images(AMD64).replaceAll(ADDRESS, "localhost:5000");
    expect(handOffRegistry(elsewhere, { account: "222222222222" })).toEqual({ account: "222222222222" });
    expect(handOffRegistry("[]", {})).toEqual({});
  });
});

it("the guide and `make publish` keep images.json, and the guide hands exactly those images off", () => {
  const guide = repoText("docs/deploy-ecs.md");
  expect(guide).toMatch(/dagger call publish [^`]*--as-json > out\/images\.json/);
  expect(guide).toMatch(/dagger call handoff [^`]*--images out\/images\.json/);
  expect(repoText("Makefile")).toMatch(/run\/call\.ts publish --as-json --output out\/images\.json/);
});
