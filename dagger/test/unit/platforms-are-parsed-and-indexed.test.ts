import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type HeldIndex, indexProblems, isIndexOf } from "../../src/publication/held-index.ts";
import { machineOf, PLATFORMS, type Platform, parsePlatforms } from "../../src/spec/platform.ts";
import { serviceOf } from "../../src/spec/service-spec.ts";
import { platformsTable, tooLarge } from "../../src/text/sizes.ts";
import { goldenSystem } from "./support/golden.ts";
import { writeLayout } from "./support/oci-layout.ts";

const STEP = fileURLToPath(new URL("../../steps/combine-layouts.mjs", import.meta.url));
const INDEX = "application/vnd.oci.image.index.v1+json";
const [AMD64, ARM64] = PLATFORMS as [Platform, Platform];
const work = mkdtempSync(join(tmpdir(), "platforms-"));
afterAll(() => rmSync(work, { recursive: true }));

describe("a list of platforms", () => {
  it.each([[[]], [undefined], [null]])("is the default when it is empty: %o", (names) => {
    expect(parsePlatforms(names, AMD64)).toEqual([AMD64]);
    expect(parsePlatforms(names, ARM64)).toEqual([ARM64]);
  });

  it("means the same in any order, with blanks and doubles", () => {
    const names = ["linux/arm64", " linux/amd64", "linux/arm64"];
    expect(parsePlatforms(names, AMD64)).toEqual(PLATFORMS);
    expect(parsePlatforms(["linux/arm64"], AMD64)).toEqual([ARM64]);
    expect(parsePlatforms(["linux/amd64"], ARM64)).toEqual([AMD64]);
  });

  it("takes the variant that is built anyway for the platform", () => {
    expect(parsePlatforms(["linux/arm64/v8", "linux/arm64"], AMD64)).toEqual([ARM64]);
    expect(parsePlatforms(["linux/amd64/v1"], ARM64)).toEqual([AMD64]);
  });

  it.each([
    [["linux/riscv64"], "linux/riscv64"],
    [["linux/amd64", "arm64", "windows/amd64"], "arm64, windows/amd64"],
    [["linux/amd64", ""], "without a name"],
    [["linux/arm/v7", "linux/amd64/v3"], "linux/arm/v7, linux/amd64/v3"],
    [["linux/arm64/v8/v9"], "linux/arm64/v8/v9"],
  ])("with an unknown one is refused: %o", (names, said) => {
    expect(() => parsePlatforms(names, AMD64)).toThrow(
      `MS-PIPE-002 no platform ${said}; there are linux/amd64, linux/arm64. Next: use one of the names listed.`,
    );
  });
});

describe("a platform", () => {
  it("is known from the head of a program", () => {
    const head = (machine: string) => `7f 45 4c 46 02 01 01 00 00 00 00 00 00 00 00 00\n 03 00 ${machine}\n`;
    expect(machineOf(head("3e 00"))).toBe("x86_64");
    expect(machineOf(head("b7 00"))).toBe("aarch64");
    expect(machineOf(head("f3 00"))).toBe("something else");
    // The programs of the machine that runs the test say so too.
    const own = readFileSync(process.execPath).subarray(0, 20).toString("hex");
    expect(machineOf(own)).toBe(process.arch === "x64" ? "x86_64" : "aarch64");
  });
});

describe("an index", () => {
  const layouts = PLATFORMS.map((platform) => layoutOf(platform));

  it("names each image with its platform, and is the one entry of its layout", () => {
    const { digest, layout } = combine("both", layouts);
    const top = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
    expect(top.manifests).toEqual([{ mediaType: INDEX, size: blob(layout, digest).length, digest }]);
    const index = JSON.parse(blob(layout, digest).toString("utf8"));
    expect(index.mediaType).toBe(INDEX);
    expect(
      index.manifests.map(({ digest, platform }: HeldIndex["images"][number]) => [digest, platform]),
    ).toEqual([
      [layouts[0]?.digest, { architecture: "amd64", os: "linux" }],
      [layouts[1]?.digest, { architecture: "arm64", os: "linux" }],
    ]);
  });

  it("holds every blob under its digest", () => {
    const { digest, layout } = combine("blobs", layouts);
    const digests = [digest, ...layouts.map((entry) => entry.digest)];
    for (const name of digests)
      expect(`sha256:${createHash("sha256").update(blob(layout, name)).digest("hex")}`).toBe(name);
  });

  it("has the same digest for the same images, and another for others", () => {
    const other = layoutOf(ARM64, "other");
    const first = combine("first", layouts).digest;
    expect(combine("second", layouts).digest).toBe(first);
    expect(combine("third", [...layouts.slice(0, 1), other]).digest).not.toBe(first);
  });

  it("is not made of an image that does not say its platform", () => {
    const silent = { path: join(work, "silent"), digest: writeLayout(join(work, "silent"), []) };
    expect(() => combine("none", [silent])).toThrow(/does not say its platform/);
  });
});

describe("an index in a registry", () => {
  const image = (architecture: string, digest: string) => ({
    digest,
    platform: { architecture, os: "linux" },
    config: { architecture, os: "linux" },
  });
  const [amd64, arm64] = [image("amd64", "sha256:a"), image("arm64", "sha256:b")];
  const held: HeldIndex = { digest: "sha256:i", mediaType: INDEX, images: [amd64, arm64] };
  const expected = {
    digest: "sha256:i",
    images: [
      { platform: AMD64, digest: "sha256:a" },
      { platform: ARM64, digest: "sha256:b" },
    ],
  };

  it("is what was published", () => {
    expect(indexProblems(expected, held)).toEqual([]);
  });

  it("is known from one image", () => {
    expect(isIndexOf(held, "sha256:b")).toBe(true);
    expect(isIndexOf(held, "sha256:c")).toBe(false);
    expect(isIndexOf({ ...held, mediaType: "image" }, "sha256:b")).toBe(false);
  });

  it.each<[string, Partial<HeldIndex>, string]>([
    ["another one", { digest: "sha256:x" }, "the tag holds sha256:x, published was sha256:i"],
    ["one image", { mediaType: "image" }, "the tag holds image"],
    ["an image too many", { images: [amd64, arm64, arm64] }, "the index has 3 images, published were 2"],
    [
      "no arm64",
      { images: [amd64, { ...arm64, platform: { architecture: "arm", os: "linux" } }] },
      "the index has no image for linux/arm64",
    ],
    [
      "another arm64",
      { images: [amd64, { ...arm64, digest: "sha256:c" }] },
      "the image for linux/arm64 is sha256:c, published was sha256:b",
    ],
    [
      "amd64 under the name of arm64",
      { images: [amd64, { ...arm64, config: amd64.config }] },
      "the image for linux/arm64 says of itself that it is for linux/amd64",
    ],
  ])("with %s is not", (_what, change, problem) => {
    expect(indexProblems(expected, { ...held, ...change })).toEqual([problem]);
  });
});

it("each platform's size is held against the budget and shown, with the digest of the index", () => {
  const spec = serviceOf(goldenSystem(), "shop");
  const limit = spec.budgets?.imageBytes.limit ?? 0;
  const sized = (platform: Platform, bytes: number) => ({
    spec,
    platform,
    facts: { digest: `sha256:${platform.npm}`, bytes, compressedBytes: 1_000_000 },
  });
  const images = [sized(AMD64, limit), sized(ARM64, limit + 1)];
  expect(tooLarge(images).map(({ platform }) => platform.name)).toEqual(["linux/arm64"]);
  const lines = platformsTable(images, [{ spec, facts: { digest: "sha256:index" } }]).split("\n");
  expect(lines[2]).toMatch(/^shop +linux\/amd64 .* ok.* sha256:x64$/);
  expect(lines[3]).toMatch(/^shop +linux\/arm64 .* TOO LARGE .* sha256:arm64$/);
  expect(lines.at(-1)).toMatch(/^shop +sha256:index$/);
});

/** A layout whose entry names its platform, as the pipeline's normalised layouts do. */
function layoutOf({ architecture }: Platform, content = "hello"): { path: string; digest: string } {
  const path = join(work, `${architecture}-${content}`);
  const digest = writeLayout(path, [{ "a.txt": { content } }], { architecture });
  const index = JSON.parse(readFileSync(join(path, "index.json"), "utf8"));
  const [entry] = index.manifests;
  const manifests = [{ ...entry, platform: { architecture, os: "linux" } }];
  writeFileSync(join(path, "index.json"), JSON.stringify({ ...index, manifests }));
  return { path, digest };
}

function combine(name: string, layouts: readonly { path: string }[]): { digest: string; layout: string } {
  const out = join(work, name);
  execFileSync(process.execPath, [STEP, out, ...layouts.map(({ path }) => path)], { stdio: "pipe" });
  const { digest } = JSON.parse(readFileSync(join(out, "image.json"), "utf8")) as { digest: string };
  return { digest, layout: join(out, "layout") };
}

function blob(layout: string, digest: string): Buffer {
  return readFileSync(join(layout, "blobs", ...digest.split(":")));
}
