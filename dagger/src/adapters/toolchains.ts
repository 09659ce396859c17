/** Containers that compile: base image, package caches, nothing of the project yet. */
import { type Container, dag } from "@dagger.io/dagger";
import { crossPackages, debianTuple, type Platform, rustTarget } from "../spec/platform.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** Bundle of certificates, which the engine completes with those of its machine for as long as a step runs. */
export const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

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

/** Rust with the registry's cache, for tests and for what needs no target. */
export function rustToolchain(project: Project): Container {
  return withCargo(project.base("rust"));
}

/** Such a toolchain with the formatter and the linter, which public images leave to rustup. */
export function withRustComponents(toolchain: Container): Container {
  const script = "add-rust-components.sh";
  return toolchain.withDirectory("/steps", stepScripts(script)).withExec([`/steps/${script}`]);
}

/** Rust that makes programs of the project's platform. */
export function rustToolchainFor(project: Project): Container {
  return project.isForeign ? withCargo(crossRust(project, project.platform)) : rustToolchain(project);
}

// Debian's compiler comes with standard libraries of other processors on every host; the one of our base does not.
function crossRust(project: Project, platform: Platform): Container {
  const linker = `${debianTuple(platform)}-gcc`;
  const target = rustTarget(platform).toUpperCase().replaceAll("-", "_");
  const added = project.base("debian").withExec(["dpkg", "--add-architecture", platform.architecture]);
  const rust = withDebianPackages(added, crossPackages(platform));
  return rust.withEnvVariable(`CARGO_TARGET_${target}_LINKER`, linker);
}

// Compiled code is kept in layers, not in a volume.
function withCargo(toolchain: Container): Container {
  return toolchain
    .withEnvVariable("CARGO_HOME", "/cargo")
    .withEnvVariable("CARGO_INCREMENTAL", "0")
    .withEnvVariable("CARGO_TERM_COLOR", "never")
    .withMountedCache("/cargo/registry", dag.cacheVolume("mistersmith-cargo-registry"));
}

/** Go with module and build cache; its own programs run where we build. */
export function goToolchain(project: Project): Container {
  return project
    .base("golang")
    .withEnvVariable("CGO_ENABLED", "0")
    .withEnvVariable("GOTOOLCHAIN", "local")
    .withEnvVariable("GOFLAGS", "-trimpath -buildvcs=false -mod=readonly")
    .withMountedCache("/go/pkg/mod", dag.cacheVolume("mistersmith-go-modules"))
    .withMountedCache("/root/.cache/go-build", project.compiled("mistersmith-go-build"));
}

/** Go that makes programs of the project's platform. */
export function goToolchainFor(project: Project): Container {
  const go = goToolchain(project);
  return project.isForeign ? go.withEnvVariable("GOARCH", project.platform.architecture) : go;
}

/** Such a toolchain in the directory of a module that is nothing but the tools it names. */
export function withGoModule(toolchain: Container, project: Project, module: string): Container {
  const manifests = project.files([`${module}/go.mod`, `${module}/go.sum`]).directory(module);
  return toolchain.withDirectory("/src", manifests).withWorkdir("/src");
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
