import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { commitFrom, commitLabels } from "../../src/spec/commit.ts";

const STEP = fileURLToPath(new URL("../../steps/normalise-layout.mjs", import.meta.url));
const DESCRIBE = fileURLToPath(new URL("../../steps/describe-layout.mjs", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "normalise-"));
afterAll(() => rmSync(work, { recursive: true }));

interface ImageFacts {
  digest: string;
  configDigest: string;
  bytes: number;
  compressedBytes: number;
}

const LONG_NAME = `${"long-".repeat(30)}name`;

/** Writes a layout whose layer holds three files with the given time; `format` decides how times are written. */
function layoutOf(
  name: string,
  seconds: number,
  format: "gnu" | "pax",
  content = "hello",
  architecture = "amd64",
): string {
  const tree = join(work, `${name}-tree`);
  const layout = join(work, name);
  const blobs = join(layout, "blobs", "sha256");
  mkdirSync(join(tree, "etc"), { recursive: true });
  mkdirSync(blobs, { recursive: true });
  for (const file of ["a.txt", "etc/b.txt", LONG_NAME]) {
    writeFileSync(join(tree, file), content.repeat(400));
    utimesSync(join(tree, file), seconds, seconds + 0.5);
  }
  const pax = format === "pax" ? ["--pax-option=delete=atime,delete=ctime"] : [];
  const tar = execFileSync("tar", ["-C", tree, `--format=${format}`, ...pax, "--sort=name", "-cf", "-", "."]);
  const blob = (bytes: Buffer | string) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", ...blob(tar) };
  const config = blob(
    JSON.stringify({
      created: new Date(seconds * 1000).toISOString(),
      architecture,
      os: "linux",
      config: { User: "65532" },
      history: [{ created_by: `builder at ${seconds}` }],
    }),
  );
  const manifest = blob(JSON.stringify({ schemaVersion: 2, config, layers: [layer] }));
  writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [manifest] }));
  return layout;
}

function normalise(layout: string, patch: object = {}): ImageFacts & { out: string } {
  const patchFile = join(work, "patch.json");
  const out = `${layout}-out`;
  mkdirSync(out, { recursive: true });
  writeFileSync(patchFile, JSON.stringify({ epoch: 0, ...patch }));
  execFileSync(process.execPath, [STEP, layout, patchFile, out]);
  return { ...(JSON.parse(readFileSync(join(out, "image.json"), "utf8")) as ImageFacts), out };
}

it("gives the same digest for other times, and another for other content", () => {
  const first = normalise(layoutOf("first", 1_700_000_000, "pax"));
  const later = normalise(layoutOf("later", 1_800_000_000, "pax"));
  const other = normalise(layoutOf("other", 1_700_000_000, "pax", "world"));
  expect(later.digest).toBe(first.digest);
  expect(other.digest).not.toBe(first.digest);
  expect(first.bytes).toBeGreaterThan(6000);
});

it.each(["gnu", "pax"] as const)("keeps a readable archive (%s)", (format) => {
  const { out } = normalise(layoutOf(`readable-${format}`, 1_700_000_000, format));
  const manifest = readJson(out, readIndex(out)) as { layers: { digest: string }[] };
  const archive = join(out, "layout", "blobs", ...(manifest.layers[0]?.digest ?? "").split(":"));
  const listing = execFileSync("tar", ["-tvzf", archive, "--utc"], { encoding: "utf8" }).trim().split("\n");
  expect(listing).toHaveLength(5);
  for (const line of listing) expect(line).toContain("1970-01-01 00:00");
  expect(listing.some((line) => line.includes(LONG_NAME))).toBe(true);
});

it("adds the health check and keeps the rest of the configuration", () => {
  const { out } = normalise(layoutOf("health", 1_700_000_000, "gnu"), {
    Healthcheck: { Test: ["CMD", "/x"] },
  });
  const manifest = readJson(out, readIndex(out)) as { config: { digest: string } };
  const config = readJson(out, manifest.config.digest) as { config: object; history: object[] };
  expect(config.config).toEqual({ User: "65532", Healthcheck: { Test: ["CMD", "/x"] } });
  expect(JSON.stringify(config.history)).not.toContain("builder at");
});

it("says of which commit it is, by the annotation spec, and leaves the layers as they are", () => {
  const labels = { "org.opencontainers.image.title": "x" };
  const { out, digest, compressedBytes } = normalise(layoutOf("commit", 1_700_000_000, "gnu"), {
    Labels: labels,
  });
  const before = readJson(out, readIndex(out)) as { layers: object[] };
  const commit = commitFrom("0123456789abcdef0123456789abcdef01234567", "2026-11-24T12:00:00+01:00");
  const patch = { created: commit.date, labels: commitLabels(commit) };
  const facts = describeLayout(out, patch);
  const manifest = readJson(out, facts.digest) as { config: { digest: string }; layers: object[] };
  const config = readJson(out, manifest.config.digest) as { created: string; config: object };

  expect(readIndex(out)).toBe(facts.digest);
  expect(facts.digest).not.toBe(digest);
  expect(facts.configDigest).toBe(manifest.config.digest);
  expect(facts.compressedBytes).toBeGreaterThan(compressedBytes);
  expect(manifest.layers).toEqual(before.layers);
  expect(config.created).toBe("2026-11-24T11:00:00.000Z");
  expect(config.config).toMatchObject({
    Labels: {
      ...labels,
      "org.opencontainers.image.created": "2026-11-24T11:00:00.000Z",
      "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
    },
  });
  // Two blobs of before have gone: the layout holds what its index names and nothing else.
  expect(readdirSync(join(out, "layout", "blobs", "sha256"))).toHaveLength(3);
  expect(describeLayout(out, patch).digest).toBe(facts.digest);
});

it.each([
  ["v1.0", undefined, "v1.0 is no hash of a commit"],
  [undefined, "yesterday", "yesterday is no RFC 3339 date"],
  [undefined, "2026-11-24", "2026-11-24 is no RFC 3339 date"],
])("refuses a commit that is none: %s %s", (revision, date, reason) => {
  expect(() => commitFrom(revision, date)).toThrow(`MS-PIPE-002 ${reason}`);
});

it.each(["amd64", "arm64"])("says in the index which platform the image is for: %s", (architecture) => {
  const { out } = normalise(layoutOf(`for-${architecture}`, 1_700_000_000, "gnu", "hello", architecture));
  const index = JSON.parse(readFileSync(join(out, "layout", "index.json"), "utf8")) as {
    manifests: object[];
  };
  expect(index.manifests[0]).toMatchObject({ platform: { architecture, os: "linux" } });
});

it("fails on a cut archive instead of passing it on", () => {
  const layout = layoutOf("cut", 1_700_000_000, "gnu");
  const manifest = JSON.parse(
    readFileSync(join(layout, "blobs", ...indexDigest(layout).split(":")), "utf8"),
  ) as { layers: { digest: string }[] };
  const layer = join(layout, "blobs", ...(manifest.layers[0]?.digest ?? "").split(":"));
  writeFileSync(layer, readFileSync(layer).subarray(0, 1500));
  expect(() => normalise(layout)).toThrow(/ends inside of an entry/);
});

function describeLayout(out: string, patch: object): ImageFacts {
  const patchFile = join(work, "description.json");
  writeFileSync(patchFile, JSON.stringify(patch));
  execFileSync(process.execPath, [DESCRIBE, out, patchFile]);
  return JSON.parse(readFileSync(join(out, "image.json"), "utf8")) as ImageFacts;
}

function indexDigest(layout: string): string {
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  return index.manifests[0]?.digest ?? "";
}

function readIndex(out: string): string {
  return indexDigest(join(out, "layout"));
}

function readJson(out: string, digest: string): unknown {
  return JSON.parse(readFileSync(join(out, "layout", "blobs", ...digest.split(":")), "utf8"));
}
