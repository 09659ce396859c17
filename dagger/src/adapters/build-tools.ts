/** What the tools image holds beside msctl: the field's own clients. */
import type { Container, Directory } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { Project } from "./project.ts";
import { goToolchain, withDebianPackages } from "./toolchains.ts";

const PACKAGES = ["ca-certificates", "curl", "jq", "postgresql-client"];

/** The Go programs of services/tools/go, in one directory. */
export function goPrograms(project: Project): Directory {
  return goToolchain(project)
    .withDirectory("/src", project.select(["services/tools/go/go.*"]).directory("services/tools/go"))
    .withWorkdir("/src")
    .withExec(["go", "build", "-o", "/out/", "-ldflags", "-s -w", "tool"])
    .directory("/out");
}

/** Debian with every client. */
export async function operatorPrograms(project: Project): Promise<Container> {
  const programs = goPrograms(project);
  await explained("MS-PIPE-001", "building the Go programs of tools", () => programs.sync());
  return withDebianPackages(project.base("debian"), PACKAGES).withDirectory("/usr/local/bin", programs);
}
