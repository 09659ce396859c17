/** Containers that compile: base image, package caches, nothing of the project yet. */
import { type Container, dag } from "@dagger.io/dagger";
import type { Project } from "./project.ts";

/** Bundle of certificates that the engine completes with those of its host. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Node with npm's download cache. */
export function nodeToolchain(project: Project): Container {
  return (
    project
      .base("node")
      // A host may add certificates of its own; node looks at its built-in list only unless told so.
      .withEnvVariable("NODE_OPTIONS", "--use-system-ca")
      .withEnvVariable("npm_config_update_notifier", "false")
      .withEnvVariable("npm_config_fund", "false")
      .withEnvVariable("npm_config_audit", "false")
      .withMountedCache("/root/.npm", dag.cacheVolume("mistersmith-npm"))
  );
}

/** Rust with the registry's cache; compiled code is kept in layers, not in a volume. */
export function rustToolchain(project: Project): Container {
  return project
    .base("rust")
    .withEnvVariable("CARGO_HOME", "/cargo")
    .withEnvVariable("CARGO_INCREMENTAL", "0")
    .withEnvVariable("CARGO_TERM_COLOR", "never")
    .withMountedCache("/cargo/registry", dag.cacheVolume("mistersmith-cargo-registry"));
}

/** Go with module and build cache. */
export function goToolchain(project: Project): Container {
  return project
    .base("golang")
    .withEnvVariable("CGO_ENABLED", "0")
    .withEnvVariable("GOTOOLCHAIN", "local")
    .withEnvVariable("GOFLAGS", "-trimpath -buildvcs=false -mod=readonly")
    .withMountedCache("/go/pkg/mod", dag.cacheVolume("mistersmith-go-modules"))
    .withMountedCache("/root/.cache/go-build", project.compiled("mistersmith-go-build"));
}

/** Python with pip's download cache. */
export function pythonToolchain(project: Project): Container {
  return project
    .base("python")
    .withEnvVariable("PIP_CERT", CERTIFICATES)
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    .withEnvVariable("PIP_ROOT_USER_ACTION", "ignore")
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("mistersmith-pip"));
}

/** Installs Debian packages and leaves no trace of having done so. */
export function withDebianPackages(container: Container, packages: readonly string[]): Container {
  const script = [
    "set -eu",
    "apt-get update -qq",
    `DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${packages.join(" ")} >/dev/null`,
    "rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* /var/log/*",
  ].join("\n");
  return container.withExec(["sh", "-c", script]);
}
