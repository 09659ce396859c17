/**
 * Gives an image one layer more, for the generator of bills of materials only: the lock files and package records that
 * tell what programs without such data were made from. The image that is published does not have that layer.
 *
 * node add-evidence.mjs LAYOUT EVIDENCE
 *   LAYOUT    copy of the image's layout, which is changed
 *   EVIDENCE  directory that becomes the layer
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "./read-layout.mjs";

const [layout, evidence] = process.argv.slice(2);
const { descriptor, manifest, config } = readImage(layout);
const layer = addLayer();
const patched = {
  ...config,
  rootfs: { ...config.rootfs, diff_ids: [...config.rootfs.diff_ids, layer.digest] },
  history: [...(config.history ?? []), { created: config.created, created_by: "evidence" }],
};
const written = writeBlob(
  JSON.stringify({
    ...manifest,
    config: { mediaType: manifest.config.mediaType, ...writeBlob(JSON.stringify(patched)) },
    layers: [...manifest.layers, { mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
  }),
);
writeFileSync(
  join(layout, "index.json"),
  JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, ...written }] }),
);

function addLayer() {
  const file = join(layout, "layer.tar");
  // Names without "./": the generator does not find files under others.
  const names = readdirSync(evidence).sort();
  const normal = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  execFileSync("tar", [
    "-C",
    evidence,
    ...normal,
    "-cf",
    file,
    ...(names.length > 0 ? names : ["-T", "/dev/null"]),
  ]);
  const content = readFileSync(file);
  rmSync(file);
  return writeBlob(content);
}

function writeBlob(content) {
  const hex = createHash("sha256").update(content).digest("hex");
  writeFileSync(join(layout, "blobs", "sha256", hex), content);
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
}
