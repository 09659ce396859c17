/** Turns a built container into an OCI layout whose digest depends on its content alone. */
import { type Container, type Directory, ImageLayerCompression, ImageMediaTypes } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { commitLabels } from "../spec/commit.ts";
import type { Platform } from "../spec/platform.ts";
import type { ServiceSpec } from "../spec/service-spec.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** Time of everything inside of an image, s since 1970. The content alone decides about the digest. */
const EPOCH = 0;
const NANOSECONDS = 1_000_000_000;

/** What is known of an image without looking into it. */
export interface ImageFacts {
  digest: string;
  configDigest: string;
  /** Size of the unpacked layers. */
  bytes: number;
  /** What a pull transfers. */
  compressedBytes: number;
  /** From the base upwards. */
  layers: LayerFacts[];
}

/** One layer. */
export interface LayerFacts {
  digest: string;
  bytes: number;
  compressedBytes: number;
}

/** An image that is ready to be published. */
export interface BuiltImage {
  spec: ServiceSpec;
  platform: Platform;
  container: Container;
  /** OCI layout with this one image. */
  layout: Directory;
  facts: ImageFacts;
}

/** Makes the layout. */
export async function normaliseImage(
  project: Project,
  spec: ServiceSpec,
  container: Container,
): Promise<BuiltImage> {
  const tarball = container.asTarball({
    forcedCompression: ImageLayerCompression.Uncompressed,
    mediaTypes: ImageMediaTypes.OcimediaTypes,
  });
  const step = project
    .base("node")
    .withDirectory(
      "/steps",
      stepScripts("normalise-layout.mjs", "read-layout.mjs", "retime-tar.mjs", "tar-format.mjs"),
    )
    .withNewFile("/in/patch.json", JSON.stringify(configPatch(spec)))
    .withMountedFile("/in/image.tar", tarball)
    .withMountedTemp("/layout")
    .withExec([
      "sh",
      "-c",
      "mkdir /out && tar -xf /in/image.tar -C /layout && node /steps/normalise-layout.mjs /layout /in/patch.json /out",
    ]);
  const out = described(project, step.directory("/out"));
  const facts = await explained("MS-PIPE-001", `exporting ${spec.name}`, () =>
    out.file("image.json").contents(),
  );
  const { platform } = project;
  return {
    spec,
    platform,
    container,
    layout: out.directory("layout"),
    facts: JSON.parse(facts) as ImageFacts,
  };
}

/** The images say from which commit they are, if that was said to us; in a step of its own, as it is quick. */
function described(project: Project, normalised: Directory): Directory {
  const labels = commitLabels(project.commit);
  if (Object.keys(labels).length === 0) return normalised;
  const { date } = project.commit;
  return project
    .base("node")
    .withDirectory("/steps", stepScripts("describe-layout.mjs"))
    .withNewFile("/in/patch.json", JSON.stringify({ ...(date && { created: date }), labels }))
    .withDirectory("/out", normalised)
    .withExec(["node", "/steps/describe-layout.mjs", "/out", "/in/patch.json"])
    .directory("/out");
}

// What the engine's API cannot put into an image's configuration.
function configPatch(spec: ServiceSpec): object {
  const { health } = spec;
  const volumes = spec.writablePaths.map(({ path }) => [path, {}]);
  return {
    epoch: EPOCH,
    StopSignal: "SIGTERM",
    ...(volumes.length > 0 && { Volumes: Object.fromEntries(volumes) }),
    ...(health?.command && {
      Healthcheck: {
        Test: ["CMD", ...health.command],
        Interval: health.intervalSeconds * NANOSECONDS,
        Timeout: health.timeoutSeconds * NANOSECONDS,
        StartPeriod: health.startPeriodSeconds * NANOSECONDS,
        Retries: health.retries,
      },
    }),
  };
}
