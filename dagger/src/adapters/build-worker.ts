/** What the claude-worker's image holds beside the worker: a slim Debian and the Claude CLI. */
import type { Container, Directory, File } from "@dagger.io/dagger";
import { npmPackageFor } from "../spec/platform.ts";
import { versionOf } from "../spec/versions.ts";
import { FOREIGN_ROOT, foreignRoot, withForeignRoot } from "./foreign-root.ts";
import { withNpmProgram } from "./npm-program.ts";
import type { Project } from "./project.ts";
import { withDebianPackages } from "./toolchains.ts";

/** Certificates for the CLI. Anything more, git for example, comes with --worker-base: the CLI takes most of the budget. */
const PACKAGES = ["ca-certificates"];

/** Debian with the worker's packages, as the package manager leaves it. */
export function fullDebian(project: Project): Container {
  return withDebianPackages(project.base("debian"), PACKAGES);
}

/** Debian without what no job needs: manuals, translations, the package manager's data. */
export function slimDebian(project: Project): Directory {
  const scripts = ["slim-rootfs.sh", "harden-rootfs.sh"];
  const full = fullDebian(project);
  // Never the root of the step itself: while it runs, that holds what the engine adds, such as its machine's authorities.
  const root = project.isForeign ? foreignRoot(project, full) : full.rootfs();
  return withForeignRoot(project, root, scripts)
    .withExec(["/steps/slim-rootfs.sh", FOREIGN_ROOT, "/out"])
    .withExec(["/steps/harden-rootfs.sh", "/out"])
    .directory("/out");
}

/** The CLI from its npm package. Its licence forbids to pass it on: the image is for its builder's own use. */
export function claudeCli(project: Project): File {
  return installedCli(project).file("/claude");
}

/** The package's own description of it: name, version, terms. */
export function claudeManifest(project: Project): File {
  return installedCli(project).file(`/cli/node_modules/${cliPackage(project)}/package.json`);
}

function installedCli(project: Project): Container {
  return withNpmProgram(project, {
    package: cliPackage(project),
    version: versionOf(project.versions.npm, "claude-code").version,
    file: "claude",
    prefix: "/cli",
    program: "/claude",
  });
}

function cliPackage(project: Project): string {
  return npmPackageFor(versionOf(project.versions.npm, "claude-code").package, project.platform);
}
