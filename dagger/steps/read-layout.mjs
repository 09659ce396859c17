/** Reads an OCI layout that holds one image: its manifest, its configuration, its layers as streams. */
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { createGunzip } from "node:zlib";

/** The image of a layout. */
export function readImage(layout) {
  let descriptor = JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
  while (descriptor.manifests) {
    // What is said of an image stands beside it, as one for no system.
    const images = descriptor.manifests.filter(({ platform }) => platform?.os !== "unknown");
    if (images.length !== 1) throw new Error(`the layout holds ${images.length} images, not one`);
    const [inner] = images;
    const content = readJson(layout, inner);
    descriptor = content.manifests ? content : { ...inner, content };
  }
  const { content: manifest, ...entry } = descriptor;
  return { descriptor: entry, manifest, config: readJson(layout, manifest.config) };
}

/** Path of a blob. */
export function blobPath(layout, { digest }) {
  return join(layout, "blobs", ...digest.split(":"));
}

/** A layer as plain tar. */
export function openLayer(layout, layer) {
  const unpack = layer.mediaType.endsWith("gzip") ? createGunzip() : new PassThrough();
  const bytes = createReadStream(blobPath(layout, layer));
  bytes.on("error", (error) => unpack.destroy(error));
  return bytes.pipe(unpack);
}

function readJson(layout, descriptor) {
  return JSON.parse(readFileSync(blobPath(layout, descriptor), "utf8"));
}
