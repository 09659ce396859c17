/**
 * Writes into the images of a normalised layout from which commit they are; the layers stay as they are, so that a
 * commit that changes nothing in them uploads none.
 *
 * node describe-layout.mjs OUT PATCH
 *   OUT    directory with layout/ and image.json, as normalise-layout.mjs makes it; changed in place
 *   PATCH  JSON file {created?, labels}
 */
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [out, patchFile] = process.argv.slice(2);
const { created, labels } = JSON.parse(readFileSync(patchFile, "utf8"));
const indexFile = join(out, "layout", "index.json");
const factsFile = join(out, "image.json");

const index = JSON.parse(readFileSync(indexFile, "utf8"));
const described = index.manifests.map(describe);
writeFileSync(indexFile, JSON.stringify({ ...index, manifests: described.map(({ entry }) => entry) }));
const [{ entry, config, grown }] = described;
const facts = JSON.parse(readFileSync(factsFile, "utf8"));
const compressedBytes = facts.compressedBytes + grown;
writeFileSync(
  factsFile,
  JSON.stringify({ ...facts, digest: entry.digest, configDigest: config.digest, compressedBytes }, null, 2),
);

function describe(entry) {
  const manifest = take(entry);
  const original = take(manifest.config);
  const config = put(patched(original), manifest.config);
  const written = put({ ...manifest, config }, entry);
  return { entry: written, config, grown: written.size - entry.size + config.size - manifest.config.size };
}

function patched({ created: before, history, ...image }) {
  const at = created ?? before;
  return {
    created: at,
    ...image,
    config: { ...image.config, Labels: { ...image.config.Labels, ...labels } },
    history: history.map((line) => ({ ...line, created: at })),
  };
}

function pathOf(descriptor) {
  return join(out, "layout", "blobs", ...descriptor.digest.split(":"));
}

// What is replaced must not stay: the layout holds what its index names and nothing else.
function take(descriptor) {
  const value = JSON.parse(readFileSync(pathOf(descriptor), "utf8"));
  rmSync(pathOf(descriptor));
  return value;
}

function put(value, descriptor) {
  const text = JSON.stringify(value);
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const written = { ...descriptor, size: Buffer.byteLength(text), digest };
  writeFileSync(pathOf(written), text);
  return written;
}
