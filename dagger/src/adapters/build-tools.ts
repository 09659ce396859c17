/** What the tools image holds beside msctl: the field's own clients. */
import type { Container, Directory } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { FOREIGN_ROOT, foreignRoot, withForeignRoot } from "./foreign-root.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { goToolchainFor, withDebianPackages, withGoModule } from "./toolchains.ts";

const PACKAGES = ["ca-certificates", "curl", "jq", "postgresql-client"];

/** The Go programs of services/tools/go, in one directory. */
export function goPrograms(project: Project): Directory {
  return goModule(project)
    .withExec(["go", "build", "-o", "/out/", "-ldflags", "-s -w", "tool"])
    .directory("/out");
}

/** Licence texts of the modules that these programs are made of, laid out like Go's module cache. */
export function goLicences(project: Project): Directory {
  return goModule(project)
    .withDirectory("/steps", stepScripts("collect-go-licences.sh"))
    .withExec(["/steps/collect-go-licences.sh", "/licences"])
    .directory("/licences");
}

function goModule(project: Project): Container {
  return withGoModule(goToolchainFor(project), project, "services/tools/go");
}

/** Debian with every client. */
export async function operatorPrograms(project: Project): Promise<Container> {
  const programs = goPrograms(project);
  await explained("MS-PIPE-001", "building the Go programs of tools", () => programs.sync());
  return operatorDebian(project).withDirectory("/usr/local/bin", programs);
}

/** Debian with those clients that are packages of it. */
export function operatorDebian(project: Project): Container {
  const debian = withDebianPackages(project.base("debian"), PACKAGES);
  if (project.isForeign) return project.rooted(hardened(project, foreignRoot(project, debian)));
  return (
    debian
      // A directory that Debian has: a mount leaves its mount point behind.
      .withMountedDirectory("/mnt", stepScripts("harden-rootfs.sh"))
      .withExec(["/mnt/harden-rootfs.sh", "/"])
      .withoutMount("/mnt")
  );
}

function hardened(project: Project, root: Directory): Directory {
  return withForeignRoot(project, root, ["harden-rootfs.sh"])
    .withExec(["/steps/harden-rootfs.sh", FOREIGN_ROOT])
    .directory(FOREIGN_ROOT);
}
