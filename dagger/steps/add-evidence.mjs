/**
 * Gives an image one layer more, for the generator of bills of materials only: the lock files and package records that
 * tell what programs without such data were made from. The image that is published does not have that layer.
 *
 * node add-evidence.mjs LAYOUT EVIDENCE OUT
 *   EVIDENCE  directory that becomes the layer
 *   OUT       gets a layout whose other blobs are links into LAYOUT
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readImage } from "./read-layout.mjs";

const [layout, evidence, out] = process.argv.slice(2);
const blobs = join(out, "blobs", "sha256");
mkdirSync(blobs, { recursive: true });
for (const name of readdirSync(join(layout, "blobs", "sha256")))
  symlinkSync(resolve(layout, "blobs", "sha256", name), join(blobs, name));

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
writeFileSync(join(out, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
writeFileSync(
  join(out, "index.json"),
  JSON.stringify({ schemaVersion: 2, manifests: [{ ...descriptor, ...written }] }),
);

function addLayer() {
  const file = join(out, "layer.tar");
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
  return writeBlob(readFileSync(file));
}

function writeBlob(content) {
  const hex = createHash("sha256").update(content).digest("hex");
  writeFileSync(join(blobs, hex), content);
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
}
