/**
 * Puts the images of one service, one for each platform, under an index: what a registry then holds under the tag, and
 * what a client picks its own platform from.
 *
 * node combine-layouts.mjs OUT LAYOUT...
 *   LAYOUT  directory of an OCI layout with one image, whose entry names the platform
 *   OUT     gets layout/ and image.json {digest}
 */
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readImage } from "./read-layout.mjs";

const INDEX = "application/vnd.oci.image.index.v1+json";

const [out, ...layouts] = process.argv.slice(2);
const blobs = join(out, "layout", "blobs");
mkdirSync(blobs, { recursive: true });
for (const layout of layouts) cpSync(join(layout, "blobs"), blobs, { recursive: true });

const index = JSON.stringify({
  schemaVersion: 2,
  mediaType: INDEX,
  manifests: layouts.map((layout) => entryOf(layout)),
});
const hex = createHash("sha256").update(index).digest("hex");
const digest = `sha256:${hex}`;
writeFileSync(join(blobs, "sha256", hex), index);
writeFileSync(join(out, "layout", "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
writeFileSync(
  join(out, "layout", "index.json"),
  JSON.stringify({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [{ mediaType: INDEX, size: Buffer.byteLength(index), digest }],
  }),
);
writeFileSync(join(out, "image.json"), JSON.stringify({ digest }));

function entryOf(layout) {
  const { mediaType, size, digest, platform } = readImage(layout).descriptor;
  if (!platform) throw new Error(`the image of ${layout} does not say its platform`);
  return { mediaType, size, digest, platform };
}
