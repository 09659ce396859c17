/**
 * Makes an image's digest depend on its content alone: same times everywhere, same compression, no history
 * of the builder; and puts into its configuration what the engine's API cannot (health check, volumes).
 *
 * node normalise-layout.mjs LAYOUT PATCH OUT
 *   LAYOUT  directory of an OCI layout with one image
 *   PATCH   JSON file {epoch, Healthcheck?, Volumes?, StopSignal?}
 *   OUT     gets layout/ and image.json {digest, configDigest, bytes, compressedBytes, layers}
 */
import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { openLayer, readImage } from "./read-layout.mjs";
import { RetimeTar } from "./retime-tar.mjs";

const TYPES = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};
const GZIP_LEVEL = 6;

const [source, patchFile, out] = process.argv.slice(2);
const patch = JSON.parse(readFileSync(patchFile, "utf8"));
const blobs = join(out, "layout", "blobs", "sha256");
mkdirSync(blobs, { recursive: true });

const { manifest, config: original } = readImage(source);
const layers = [];
for (const layer of manifest.layers) layers.push(await normaliseLayer(layer));
const config = writeJson(patchedConfig(original, layers), TYPES.config);
const written = writeJson(
  {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config,
    layers: layers.map((layer) => ({
      mediaType: TYPES.layer,
      size: layer.compressedBytes,
      digest: layer.digest,
    })),
  },
  TYPES.manifest,
);
const platform = { architecture: original.architecture, os: original.os };
writeFileSync(join(out, "layout", "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
writeFileSync(
  join(out, "layout", "index.json"),
  JSON.stringify({ schemaVersion: 2, mediaType: TYPES.index, manifests: [{ ...written, platform }] }),
);
writeFileSync(join(out, "image.json"), JSON.stringify(facts(), null, 2));

function facts() {
  const total = (key) => layers.reduce((sum, layer) => sum + layer[key], 0);
  return {
    digest: written.digest,
    configDigest: config.digest,
    bytes: total("bytes"),
    compressedBytes: total("compressedBytes") + written.size + config.size,
    layers: layers.map(({ digest, bytes, compressedBytes }) => ({ digest, bytes, compressedBytes })),
  };
}

async function normaliseLayer(descriptor) {
  const plain = meter();
  const packed = meter();
  const temporary = join(out, "layer");
  await pipeline(
    openLayer(source, descriptor),
    new RetimeTar(patch.epoch),
    plain.through,
    createGzip({ level: GZIP_LEVEL }),
    packed.through,
    createWriteStream(temporary),
  );
  renameSync(temporary, join(blobs, packed.hex()));
  return {
    digest: `sha256:${packed.hex()}`,
    compressedBytes: packed.bytes(),
    diffId: `sha256:${plain.hex()}`,
    bytes: plain.bytes(),
  };
}

function meter() {
  const hash = createHash("sha256");
  const through = new PassThrough();
  let bytes = 0;
  let hex;
  through.on("data", (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
  });
  return {
    through,
    bytes: () => bytes,
    hex: () => {
      hex ??= hash.digest("hex");
      return hex;
    },
  };
}

function patchedConfig(original, normalised) {
  const { epoch, ...additions } = patch;
  const created = new Date(epoch * 1000).toISOString();
  return {
    created,
    architecture: original.architecture,
    os: original.os,
    config: { ...original.config, ...additions },
    rootfs: { type: "layers", diff_ids: normalised.map((layer) => layer.diffId) },
    history: normalised.map(() => ({ created, created_by: "mistersmith pipeline" })),
  };
}

function writeJson(value, mediaType) {
  const text = JSON.stringify(value);
  const hex = createHash("sha256").update(text).digest("hex");
  writeFileSync(join(blobs, hex), text);
  return { mediaType, size: Buffer.byteLength(text), digest: `sha256:${hex}` };
}
