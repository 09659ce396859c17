/** Types of read-layout.mjs, for the tools of the checkout that read layouts too. */

/** What an index or a manifest says of a blob. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** The one image of a layout. */
export interface LayoutImage {
  /** Of the manifest. */
  descriptor: Descriptor;
  manifest: { config: Descriptor; layers: Descriptor[] };
  config: unknown;
}

/** Reads a layout; throws when it holds no image or more than one. */
export function readImage(layout: string): LayoutImage;
