/** What all images have in common: who runs in them, what they say about themselves, what starts. */
import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { repositoryOf, type ServiceSpec } from "../spec/service-spec.ts";

/** Where programs keep what they need for a moment: the only place that every image can write to. */
export const HOME = "/tmp";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Gives an image its user, its writable directories, its labels and its entrypoint. */
export function finishImage(container: Container, spec: ServiceSpec, release: string): Container {
  const owner = `${spec.user}:${spec.user}`;
  const labels: [string, string][] = [
    ["org.opencontainers.image.title", repositoryOf(spec)],
    ["org.opencontainers.image.description", spec.description],
    ["org.opencontainers.image.version", release],
    ["org.opencontainers.image.vendor", "MisterSmith"],
    ["org.opencontainers.image.licenses", "Apache-2.0"],
  ];
  let image = container;
  for (const { path } of spec.writablePaths) image = image.withDirectory(path, dag.directory(), { owner });
  for (const [name, value] of labels) image = image.withLabel(name, value);
  for (const { port } of spec.ports) image = image.withExposedPort(port);
  return image
    .withEnvVariable("PATH", PATH)
    .withUser(owner)
    .withWorkdir("/")
    .withEntrypoint(spec.entrypoint)
    .withDefaultArgs(spec.command);
}

/** The few files of /etc that programs look for; those of a distribution do not know the image's user. */
export function minimalEtc(spec: ServiceSpec): Directory {
  const id = spec.user;
  return dag
    .directory()
    .withNewFile(
      "passwd",
      `root:x:0:0:root:/:/sbin/nologin\nmistersmith:x:${id}:${id}::${HOME}:/sbin/nologin\n`,
    )
    .withNewFile("group", `root:x:0:\nmistersmith:x:${id}:\n`)
    .withNewFile("nsswitch.conf", "hosts: files dns\n");
}
