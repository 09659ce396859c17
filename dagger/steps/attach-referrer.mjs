/**
 * Attaches a file to an image that a registry holds, as an OCI referrer: a manifest of its own that names the image as
 * its subject. The same file attached again has the same digest, so nothing is doubled.
 *
 * node attach-referrer.mjs REPOSITORY LAYOUT FILE MEDIA-TYPE CRANE-OPTION...
 *   LAYOUT  layout of the image, which tells the subject's digest and size
 * Prints the digest of the referrer.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { readImage } from "./read-layout.mjs";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

const [repository, layout, file, mediaType, ...options] = process.argv.slice(2);
const { digest, size } = readImage(layout).descriptor;
const out = mkdtempSync(join(tmpdir(), "referrer-"));
const blobs = join(out, "blobs", "sha256");
mkdirSync(blobs, { recursive: true });

const config = { mediaType: "application/vnd.oci.empty.v1+json", ...writeBlob("{}") };
const content = {
  mediaType,
  ...writeBlob(readFileSync(file)),
  annotations: { "org.opencontainers.image.title": basename(file) },
};
const manifest = writeBlob(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType: mediaType,
    config,
    layers: [content],
    subject: { mediaType: MANIFEST, digest, size },
  }),
);
writeFileSync(join(out, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
writeFileSync(
  join(out, "index.json"),
  JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType: MANIFEST, ...manifest }] }),
);
execFileSync("crane", ["push", ...options, out, `${repository}@${manifest.digest}`], {
  stdio: ["ignore", "ignore", "inherit"],
});
console.log(manifest.digest);

function writeBlob(bytes) {
  const hex = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(blobs, hex), bytes);
  return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
}
