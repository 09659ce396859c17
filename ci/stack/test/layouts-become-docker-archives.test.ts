import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ServiceSpec } from "../../../dagger/src/spec/service-spec.ts";
import { readImage } from "../../../dagger/steps/read-layout.mjs";
import { dockerManifest } from "../docker-archive.ts";
import { loadImages } from "../load-images.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/ms-layout-`);
  mkdirSync(`${directory}/blobs/sha256`, { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, value: unknown): void {
  writeFileSync(`${directory}/${name}`, JSON.stringify(value));
}

const manifest = {
  config: { digest: "sha256:cc" },
  layers: [{ digest: "sha256:a1" }, { digest: "sha256:a2" }],
};

it("one image, also below a second index and beside its attestation", () => {
  write("index.json", { manifests: [{ digest: "sha256:11" }] });
  write("blobs/sha256/11", {
    manifests: [
      { digest: "sha256:22", platform: { os: "linux" } },
      { digest: "sha256:33", platform: { os: "unknown" } },
    ],
  });
  write("blobs/sha256/22", manifest);
  write("blobs/sha256/cc", { os: "linux" });
  const image = readImage(directory);
  expect(image).toMatchObject({ descriptor: { digest: "sha256:22" }, manifest, config: { os: "linux" } });
  expect(JSON.parse(dockerManifest(image, "localhost/x:stack"))).toEqual([
    {
      Config: "blobs/sha256/cc",
      RepoTags: ["localhost/x:stack"],
      Layers: ["blobs/sha256/a1", "blobs/sha256/a2"],
    },
  ]);
});

it("two images or none are refused, with the place and a next step", async () => {
  const system = new Map([[basename(directory), {} as ServiceSpec]]);
  const load = () => loadImages(dirname(directory), system);
  write("index.json", { manifests: [{ digest: "sha256:22" }, { digest: "sha256:44" }] });
  await expect(load()).rejects.toThrow(/MS-STACK-004 .*holds 2 images, not one\. Next: /);
  rmSync(`${directory}/index.json`);
  await expect(load()).rejects.toThrow(/MS-STACK-004 .*index\.json/);
});
