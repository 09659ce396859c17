/** Writes an OCI image layout (OCI Image Format Specification 1.1) from layer tars. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** The part of an image's configuration that we set; field names are those of the OCI specification. */
export interface ImageConfig {
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  User?: string;
  WorkingDir?: string;
  Labels?: Record<string, string>;
  ExposedPorts?: Record<string, Record<string, never>>;
  Volumes?: Record<string, Record<string, never>>;
  StopSignal?: string;
}

/** What is written. */
export interface OciImage {
  /** Directory of the layout; what was there is replaced. */
  dir: string;
  /** Paths of uncompressed layer tars, the lowest first. */
  layers: string[];
  config: ImageConfig;
  /** Value of org.opencontainers.image.ref.name. */
  tag: string;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

const MEDIA = "application/vnd.oci.image";
/** Speed matters more than size here: the layers travel over the loopback device only. */
const GZIP_LEVEL = 1;

/** Writes the layout and gives the manifest's digest. */
export async function writeOciImage(image: OciImage): Promise<string> {
  rmSync(image.dir, { recursive: true, force: true });
  mkdirSync(join(image.dir, "blobs", "sha256"), { recursive: true });
  const layers: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const tar of image.layers) {
    const { descriptor, diffId } = await writeLayer(image.dir, tar);
    layers.push(descriptor);
    diffIds.push(diffId);
  }
  const config = writeJson(image.dir, `${MEDIA}.config.v1+json`, {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: image.config,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const manifest = writeJson(image.dir, `${MEDIA}.manifest.v1+json`, {
    schemaVersion: 2,
    mediaType: `${MEDIA}.manifest.v1+json`,
    config,
    layers,
  });
  writeIndex(image.dir, manifest, image.tag);
  return manifest.digest;
}

function writeIndex(dir: string, manifest: Descriptor, tag: string): void {
  const annotated = { ...manifest, annotations: { "org.opencontainers.image.ref.name": tag } };
  writeFileSync(join(dir, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(
    join(dir, "index.json"),
    JSON.stringify({ schemaVersion: 2, mediaType: `${MEDIA}.index.v1+json`, manifests: [annotated] }),
  );
}

async function writeLayer(dir: string, tar: string): Promise<{ descriptor: Descriptor; diffId: string }> {
  const plain = createHash("sha256");
  const packed = createHash("sha256");
  const file = join(dir, "blobs", "sha256", "unfinished");
  let size = 0;
  const source = createReadStream(tar).on("data", (chunk) => plain.update(chunk));
  const gzip = createGzip({ level: GZIP_LEVEL }).on("data", (chunk: Buffer) => {
    packed.update(chunk);
    size += chunk.length;
  });
  await pipeline(source, gzip, createWriteStream(file));
  const digest = packed.digest("hex");
  renameSync(file, join(dir, "blobs", "sha256", digest));
  return {
    descriptor: { mediaType: `${MEDIA}.layer.v1.tar+gzip`, digest: `sha256:${digest}`, size },
    diffId: `sha256:${plain.digest("hex")}`,
  };
}

function writeJson(dir: string, mediaType: string, value: unknown): Descriptor {
  const text = JSON.stringify(value);
  const digest = createHash("sha256").update(text).digest("hex");
  writeFileSync(join(dir, "blobs", "sha256", digest), text);
  return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) };
}
