/** Root file systems of a platform whose programs cannot run where we build. */
import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { debianTuple } from "../spec/platform.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** Where such a root lies in the container of a step. */
export const FOREIGN_ROOT = "/foreign";

/** A Debian container of ours as it is on the project's platform: the same packages, installed the same way. */
export function foreignRoot(project: Project, native: Container): Directory {
  return withForeignRoot(project, native.rootfs(), ["foreign-root.sh"])
    .withExec(["/steps/foreign-root.sh", project.platform.architecture, FOREIGN_ROOT])
    .directory(FOREIGN_ROOT);
}

/** A container for steps on such a root, which lies at FOREIGN_ROOT. */
export function withForeignRoot(project: Project, root: Directory, scripts: readonly string[]): Container {
  return project
    .base("debian")
    .withDirectory("/steps", stepScripts(...scripts))
    .withDirectory(FOREIGN_ROOT, root);
}

/** A program of such a root with what it loads: enough to run it in an empty image. */
export function foreignProgram(project: Project, root: Directory, program: string): Directory {
  const libraries = `/usr/lib/${debianTuple(project.platform)}`;
  const collected = withDebianPackages(project.base("debian"), ["binutils"])
    .withDirectory("/steps", stepScripts("collect-foreign-program.sh"))
    .withMountedDirectory(FOREIGN_ROOT, root)
    .withExec(["/steps/collect-foreign-program.sh", FOREIGN_ROOT, libraries, program, "/out"]);
  return dag.directory().withDirectory("/", collected.directory("/out"));
}
