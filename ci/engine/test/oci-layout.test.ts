import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeOciImage } from "../oci-layout.ts";

const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
let folder: string;
let image: { dir: string; layers: string[]; config: { Cmd: string[] }; tag: string };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oci-"));
  const layers = ["lower", "upper"].map((name) => join(folder, name));
  for (const layer of layers) writeFileSync(layer, layer.repeat(3000));
  image = { dir: join(folder, "image"), layers, config: { Cmd: ["sh"] }, tag: "t" };
});
afterEach(() => rmSync(folder, { recursive: true }));

const blob = (digest: string) =>
  readFileSync(join(image.dir, "blobs", "sha256", digest.slice("sha256:".length)));
const json = (digest: string) => JSON.parse(blob(digest).toString());

describe("an OCI layout", () => {
  it("names every blob by its hash and size, and the layers by their plain bytes", async () => {
    const manifest = json(await writeOciImage(image));
    for (const { digest, size } of [manifest.config, ...manifest.layers]) {
      expect(sha256(blob(digest))).toBe(digest);
      expect(blob(digest).byteLength).toBe(size);
    }
    const plain = manifest.layers.map((layer: { digest: string }) => gunzipSync(blob(layer.digest)));
    expect(plain.map(String)).toEqual(image.layers.map((path) => readFileSync(path, "utf8")));
    const config = json(manifest.config.digest);
    expect(config.rootfs.diff_ids).toEqual(plain.map(sha256));
    expect(config.config).toEqual({ Cmd: ["sh"] });
  });

  it("is found by its tag", async () => {
    const digest = await writeOciImage(image);
    const index = JSON.parse(readFileSync(join(image.dir, "index.json"), "utf8"));
    expect(index.manifests[0].digest).toBe(digest);
    expect(index.manifests[0].annotations).toEqual({ "org.opencontainers.image.ref.name": "t" });
  });

  it("has the same digest for the same files, and leaves nothing of the one before", async () => {
    const first = await writeOciImage(image);
    expect(await writeOciImage(image)).toBe(first);
    expect(await writeOciImage({ ...image, config: { Cmd: ["bash"] } })).not.toBe(first);
    expect(readdirSync(join(image.dir, "blobs", "sha256"))).toHaveLength(4);
  });
});
