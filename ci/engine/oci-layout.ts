import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";

/** The part of an image's configuration that a container sees, as the OCI image specification names it. */
export interface ImageConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  User?: string;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, Record<string, never>>;
  StopSignal?: string;
  Volumes?: Record<string, Record<string, never>>;
}

export interface OciImage {
  /** Folder of the layout; what was there is replaced. */
  dir: string;
  /** Uncompressed tars, lowest layer first. */
  layers: string[];
  config: ImageConfig;
  tag: string;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

const TYPES = {
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  config: "application/vnd.oci.image.config.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
};
// Dates would make the digest differ between two builds of the same files.
const EPOCH = "1970-01-01T00:00:00Z";

/** Write a linux/amd64 image as an OCI layout and return its manifest's digest. Same input, same digest. */
export async function writeOciImage({ dir, layers, config, tag }: OciImage): Promise<string> {
  rmSync(dir, { recursive: true, force: true });
  const blobs = join(dir, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const packed: (Descriptor & { diffId: string })[] = [];
  for (const layer of layers) packed.push(await writeLayer(blobs, layer));
  const image = {
    created: EPOCH,
    architecture: "amd64",
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: packed.map((layer) => layer.diffId) },
    history: packed.map(() => ({ created: EPOCH, created_by: "mistersmith" })),
  };
  const manifest = writeJson(blobs, TYPES.manifest, {
    schemaVersion: 2,
    mediaType: TYPES.manifest,
    config: writeJson(blobs, TYPES.config, image),
    layers: packed.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const named = { ...manifest, annotations: { "org.opencontainers.image.ref.name": tag } };
  writeFileSync(join(dir, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const index = { schemaVersion: 2, mediaType: TYPES.index, manifests: [named] };
  writeFileSync(join(dir, "index.json"), JSON.stringify(index));
  return manifest.digest;
}

/** Compress one tar into the blobs, hashing both forms in the same pass. */
async function writeLayer(blobs: string, tar: string): Promise<Descriptor & { diffId: string }> {
  const partial = join(blobs, `partial-${createHash("sha256").update(tar).digest("hex")}`);
  const plain = hashing();
  const packed = hashing();
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  await pipeline(createReadStream(tar), plain.stream, gzip, packed.stream, createWriteStream(partial));
  const digest = packed.digest();
  const size = statSync(partial).size;
  renameSync(partial, join(blobs, digest));
  return { mediaType: TYPES.layer, digest: `sha256:${digest}`, size, diffId: `sha256:${plain.digest()}` };
}

function hashing(): { stream: Readable & NodeJS.ReadWriteStream; digest: () => string } {
  const hash = createHash("sha256");
  const stream = new PassThrough();
  stream.on("data", (chunk: Buffer) => hash.update(chunk));
  return { stream, digest: () => hash.digest("hex") };
}

function writeJson(blobs: string, mediaType: string, value: unknown): Descriptor {
  const text = JSON.stringify(value);
  const digest = createHash("sha256").update(text).digest("hex");
  writeFileSync(join(blobs, digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}
