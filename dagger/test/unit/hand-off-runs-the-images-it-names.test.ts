import { describe, expect, it } from "vitest";
import { parsePublished, sampleImages } from "../../src/emit/hand-off/image-digests.ts";
import { PLATFORMS, type Platform } from "../../src/spec/platform.ts";
import { repoSystem } from "./support/repo.ts";

const [AMD64, ARM64] = PLATFORMS as [Platform, Platform];
const digest = `sha256:${"ab".repeat(32)}`;
const file = (...platforms: (string | undefined)[]) =>
  JSON.stringify(platforms.map((platform, index) => ({ name: `image-${index}`, digest, platform })));

describe("images.json", () => {
  it.each(PLATFORMS)("says what its images are for: $name", (platform) => {
    expect(parsePublished(file(platform.name, platform.name))).toEqual({
      digests: { "image-0": digest, "image-1": digest },
      platform,
    });
    expect(parsePublished(file(platform.name), platform).platform).toBe(platform);
  });

  it("of an earlier version is for the platform that there was", () => {
    expect(parsePublished(file(undefined, undefined)).platform).toBe(AMD64);
  });

  it("means the same platform by the name of a variant", () => {
    expect(parsePublished(file("linux/arm64", "linux/arm64/v8"), ARM64).platform).toBe(ARM64);
  });

  it.each<[string, string, Platform | undefined, string]>([
    [
      "another platform",
      file("linux/arm64"),
      AMD64,
      "names images for linux/arm64, and --platform is linux/amd64",
    ],
    [
      "an old file and the other platform",
      file(undefined),
      ARM64,
      "names images for linux/amd64, and --platform is linux/arm64",
    ],
    [
      "two platforms",
      file("linux/amd64", "linux/arm64"),
      undefined,
      "names images for linux/amd64 and linux/arm64; tasks run on one of linux/amd64, linux/arm64",
    ],
    [
      "half an old file",
      file("linux/arm64", undefined),
      ARM64,
      "names images for linux/arm64 and linux/amd64; tasks run on one of",
    ],
    [
      "an unknown platform",
      file("linux/riscv64"),
      undefined,
      "names images for linux/riscv64; tasks run on one of",
    ],
    ["no image", file(), undefined, "names no image; tasks run on one of"],
  ])("with %s is refused", (_what, json, wanted, said) => {
    expect(() => parsePublished(json, wanted)).toThrow(`MS-PIPE-015 images.json ${said}`);
  });
});

it("made-up images are what is deployed when nobody says more", () => {
  expect(sampleImages(repoSystem()).platform).toBe(AMD64);
});
