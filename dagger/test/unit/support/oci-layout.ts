/** Makes OCI layouts of files, for steps that look into images. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Files of a layer by path; a path that ends with a slash is a directory. */
export type LayerFiles = Record<string, { content?: string | Buffer; mode?: number }>;

/** Writes a layout with one image and gives its digest. */
export function writeLayout(out: string, layers: readonly LayerFiles[], config: object = {}): string {
  const blobs = join(out, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const blob = (bytes: Buffer | string) => {
    const hex = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(join(blobs, hex), bytes);
    return { digest: `sha256:${hex}`, size: Buffer.byteLength(bytes) };
  };
  const tars = layers.map((files, number) => layerTar(join(out, `tree-${number}`), files));
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      ...blob(
        JSON.stringify({
          created: "1970-01-01T00:00:00.000Z",
          architecture: "amd64",
          os: "linux",
          ...config,
          rootfs: {
            type: "layers",
            diff_ids: tars.map((tar) => `sha256:${createHash("sha256").update(tar).digest("hex")}`),
          },
        }),
      ),
    },
    layers: tars.map((tar) => ({
      mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
      ...blob(gzipSync(tar)),
    })),
  };
  const written = { mediaType: manifest.mediaType, ...blob(JSON.stringify(manifest)) };
  writeFileSync(join(out, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  writeFileSync(join(out, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [written] }));
  return written.digest;
}

function layerTar(tree: string, files: LayerFiles): Buffer {
  mkdirSync(tree, { recursive: true });
  for (const [path, { content = "", mode = 0o644 }] of Object.entries(files)) {
    const file = join(tree, path);
    mkdirSync(path.endsWith("/") ? file : dirname(file), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(file, content);
    chmodSync(file, mode);
  }
  const normal = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  const names = [...new Set(Object.keys(files).map((path) => path.split("/")[0] ?? ""))].sort();
  return execFileSync("tar", ["-C", tree, ...normal, "-cf", "-", ...names], { maxBuffer: 64 * 1024 * 1024 });
}
