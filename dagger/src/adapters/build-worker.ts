/** What the claude-worker's image holds beside the worker: a slim Debian and the Claude CLI. */
import type { Container, Directory, File } from "@dagger.io/dagger";
import { versionOf } from "../spec/versions.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { nodeToolchain, withDebianPackages } from "./toolchains.ts";

/** Certificates for the CLI. Anything more, git for example, comes with --worker-base: the CLI takes most of the budget. */
const PACKAGES = ["ca-certificates"];

/** Debian with the worker's packages, as the package manager leaves it. */
export function fullDebian(project: Project): Container {
  return withDebianPackages(project.base("debian"), PACKAGES);
}

/** Debian without what no job needs: manuals, translations, the package manager's data. */
export function slimDebian(project: Project): Directory {
  return fullDebian(project)
    .withDirectory("/steps", stepScripts("slim-rootfs.sh", "harden-rootfs.sh"))
    .withExec(["/steps/slim-rootfs.sh", "/out"])
    .withExec(["/steps/harden-rootfs.sh", "/out"])
    .directory("/out");
}

/** The CLI from its npm package. Its licence forbids to pass it on: the image is for its builder's own use. */
export function claudeCli(project: Project): File {
  return installedCli(project).file("/claude");
}

/** The package's own description of it: name, version, terms. */
export function claudeManifest(project: Project): File {
  const { package: name } = versionOf(project.versions.npm, "claude-code");
  return installedCli(project).file(`/cli/node_modules/${name}/package.json`);
}

function installedCli(project: Project): Container {
  const { package: name, version } = versionOf(project.versions.npm, "claude-code");
  const install = `npm install --no-save --no-package-lock --ignore-scripts --prefix /cli ${name}@${version}`;
  return nodeToolchain(project).withExec([
    "sh",
    "-c",
    `${install} && install -m 0755 /cli/node_modules/${name}/claude /claude`,
  ]);
}
