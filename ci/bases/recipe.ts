import type { ImageConfig } from "../engine/oci-layout.ts";
import type { StepContext } from "../engine/step.ts";
import type { Reference } from "./versions.ts";

/** What building a base may use. */
export interface Workplace {
  ctx: StepContext;
  /** Tree of the Debian base; read only. */
  debian: string;
  /** Folder for the trees and files of this base; removed afterwards. */
  scratch: string;
  /** Where the layer's tar has to be. */
  layer: string;
}

/** How one stand-in of a public image is made. */
export interface Recipe {
  name: string;
  /** Public images that it stands for. */
  references: readonly Reference[];
  /** Version of the program inside, for the label. */
  version: string;
  /** Whether it lies on top of the Debian base. */
  onDebian: boolean;
  /** Whatever else decides its content: another value builds it anew. */
  inputs: unknown;
  /** The public image's configuration. */
  config: ImageConfig;
  /** Write the layer's tar. */
  build: (work: Workplace) => Promise<void>;
}

/** PATH of an image that does not set its own. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Names of ports or folders as the OCI configuration spells a set. */
export function setOf(...names: string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
