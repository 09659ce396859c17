/** The form of an image that `docker load` has always taken. */
import type { Descriptor, LayoutImage } from "../../dagger/steps/read-layout.mjs";

/** `manifest.json` of Docker's archive format: it may name blobs where an OCI layout has them. */
export function dockerManifest({ manifest }: LayoutImage, reference: string): string {
  const { config, layers } = manifest;
  return JSON.stringify([{ Config: blobPath(config), RepoTags: [reference], Layers: layers.map(blobPath) }]);
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(":", "/")}`;
}
