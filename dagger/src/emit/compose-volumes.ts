/** Writable paths of a service in the compose file. */
import type { ServiceSpec } from "../spec/service-spec.ts";

/** Volumes with a name, which outlive the containers. */
export function namedVolumes(spec: ServiceSpec): { name: string; path: string }[] {
  // Replicas must not share what one of them writes, so they get unnamed volumes.
  if (spec.replicas > 1) return [];
  return spec.writablePaths.flatMap(({ kind, name, path }) =>
    kind === "volume" && name !== undefined ? [{ name, path }] : [],
  );
}

/** Volumes of a service as compose mounts them. */
export function volumeEntries(spec: ServiceSpec): object[] {
  const named = namedVolumes(spec);
  return spec.writablePaths
    .filter((path) => path.kind === "volume")
    .map(({ path }) => {
      const source = named.find((volume) => volume.path === path)?.name;
      return { type: "volume", ...(source !== undefined && { source }), target: path };
    });
}

/** File systems in memory, which end with the container. */
export function tmpfsEntries(spec: ServiceSpec): string[] {
  const temporary = spec.writablePaths.filter((path) => path.kind === "tmpfs");
  return temporary.map((path) => {
    const size = path.sizeMiB === undefined ? "" : `,size=${path.sizeMiB}m`;
    // The runtime gives it the mode of the image's directory, so that its owner has to be the service.
    return `${path.path}:mode=1777,uid=${spec.user},gid=${spec.user}${size}`;
  });
}
