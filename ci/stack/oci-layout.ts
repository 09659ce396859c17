/** Reads an OCI layout, and describes it in the form that `docker load` takes. */
import { existsSync, readFileSync } from "node:fs";

/** What identifies the image of a layout. */
export interface LayoutFacts {
  /** Digest of the manifest. */
  digest: string;
  /** Digest of the configuration, which is Docker's own id of the image. */
  configDigest: string;
  layerDigests: string[];
}

interface Descriptor {
  digest: string;
  platform?: { os?: string };
}

interface Node {
  manifests?: Descriptor[];
  config?: Descriptor;
  layers?: Descriptor[];
}

/**
 * Reads the one image of a layout.
 *
 * @throws when there is no layout, or when it holds more than one image
 */
export function readLayout(directory: string): LayoutFacts {
  const index = `${directory}/index.json`;
  if (!existsSync(index)) throw new Error(`there is no ${index}`);
  let node = readJson(index);
  let digest = "";
  while (node.manifests) {
    const images = node.manifests.filter(({ platform }) => platform?.os !== "unknown");
    const [image] = images;
    if (!image || images.length > 1) throw new Error(`${directory} holds ${images.length} images, not one`);
    digest = image.digest;
    node = readJson(`${directory}/${blobPath(digest)}`);
  }
  if (!node.config || !node.layers) throw new Error(`${directory} holds no image`);
  return {
    digest,
    configDigest: node.config.digest,
    layerDigests: node.layers.map((layer) => layer.digest),
  };
}

/** `manifest.json` of Docker's archive format: it may name blobs where an OCI layout has them. */
export function dockerManifest(facts: LayoutFacts, reference: string): string {
  const { configDigest, layerDigests } = facts;
  return JSON.stringify([
    { Config: blobPath(configDigest), RepoTags: [reference], Layers: layerDigests.map(blobPath) },
  ]);
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function readJson(file: string): Node {
  return JSON.parse(readFileSync(file, "utf8")) as Node;
}
