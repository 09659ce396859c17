/** The images of the system as files, for a Docker daemon that has no way to the pipeline's registry. */
import { type Directory, dag, ImageLayerCompression, ImageMediaTypes } from "@dagger.io/dagger";
import { buildAll } from "./build-images.ts";
import type { Project } from "./project.ts";

/** An OCI layout `<name>/` for each image that we build, and `<name>.tar` for each that is taken as it is. */
export async function imageDirectory(project: Project): Promise<Directory> {
  let directory = dag.directory();
  for (const { spec, layout } of await buildAll(project))
    directory = directory.withDirectory(spec.name, layout);
  for (const spec of project.system.values()) {
    if (spec.image === undefined) continue;
    const archive = project.base(spec.image).asTarball({
      forcedCompression: ImageLayerCompression.Uncompressed,
      mediaTypes: ImageMediaTypes.OcimediaTypes,
    });
    directory = directory.withFile(`${spec.name}.tar`, archive);
  }
  return directory;
}
