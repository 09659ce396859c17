/** What the tools image holds beside msctl: the field's own clients. */
import type { Container, Directory } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { goToolchain, withDebianPackages } from "./toolchains.ts";

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
  return goToolchain(project)
    .withDirectory("/src", project.select(["services/tools/go/go.*"]).directory("services/tools/go"))
    .withWorkdir("/src");
}

/** Debian with every client. */
export async function operatorPrograms(project: Project): Promise<Container> {
  const programs = goPrograms(project);
  await explained("MS-PIPE-001", "building the Go programs of tools", () => programs.sync());
  return (
    withDebianPackages(project.base("debian"), PACKAGES)
      // A directory that Debian has: a mount leaves its mount point behind.
      .withMountedDirectory("/mnt", stepScripts("harden-rootfs.sh"))
      .withExec(["/mnt/harden-rootfs.sh", "/"])
      .withoutMount("/mnt")
      .withDirectory("/usr/local/bin", programs)
  );
}
