import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, it } from "vitest";
import { dockerManifest, readLayout } from "../oci-layout.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/ms-layout-`);
  mkdirSync(`${directory}/blobs/sha256`, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, value: unknown): void {
  writeFileSync(`${directory}/${name}`, JSON.stringify(value));
}

const image = { config: { digest: "sha256:cc" }, layers: [{ digest: "sha256:a1" }, { digest: "sha256:a2" }] };

it("one image, also below a second index and beside its attestation", () => {
  write("index.json", { manifests: [{ digest: "sha256:11" }] });
  write("blobs/sha256/11", {
    manifests: [
      { digest: "sha256:22", platform: { os: "linux" } },
      { digest: "sha256:33", platform: { os: "unknown" } },
    ],
  });
  write("blobs/sha256/22", image);
  const facts = readLayout(directory);
  expect(facts).toEqual({
    digest: "sha256:22",
    configDigest: "sha256:cc",
    layerDigests: ["sha256:a1", "sha256:a2"],
  });
  expect(JSON.parse(dockerManifest(facts, "localhost/x:stack"))).toEqual([
    {
      Config: "blobs/sha256/cc",
      RepoTags: ["localhost/x:stack"],
      Layers: ["blobs/sha256/a1", "blobs/sha256/a2"],
    },
  ]);
});

it("two images or none are refused", () => {
  write("index.json", { manifests: [{ digest: "sha256:22" }, { digest: "sha256:44" }] });
  expect(() => readLayout(directory)).toThrow(/holds 2 images, not one/);
  rmSync(`${directory}/index.json`);
  expect(() => readLayout(directory)).toThrow(/there is no .*index\.json/);
});
