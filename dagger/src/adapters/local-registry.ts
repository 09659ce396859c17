/** A registry and an ECR API inside the graph, for whoever has neither. */
import { dag, type Service } from "@dagger.io/dagger";
import { versionOf } from "../spec/versions.ts";
import type { Project } from "./project.ts";
import { pythonToolchain } from "./toolchains.ts";

/** Name under which the registry is found inside the graph, and its port. */
export const LOCAL_REGISTRY = { host: "registry", port: 5000 } as const;

/** Port of the ECR API's stand-in. */
export const ECR_API_PORT = 4566;

/** The registry; what it holds outlives the session in a cache volume. */
export function localRegistry(project: Project): Service {
  return project
    .base("registry")
    .withMountedCache("/var/lib/registry", dag.cacheVolume("mistersmith-registry"))
    .withExposedPort(LOCAL_REGISTRY.port)
    .asService({ useEntrypoint: true });
}

/** The ECR API as moto answers it; it remembers nothing from one session to the next. */
export function localEcrApi(project: Project): Service {
  const moto = `moto[server]==${versionOf(project.versions.pypi, "moto")}`;
  return pythonToolchain(project)
    .withExec(["pip", "install", "--quiet", moto])
    .withExposedPort(ECR_API_PORT)
    .asService({ args: ["moto_server", "--host", "0.0.0.0", "--port", String(ECR_API_PORT)] });
}
