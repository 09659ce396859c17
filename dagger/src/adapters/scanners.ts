/** The programs that look into images, each from a Go module of its own in ci/scanners: built when one is needed. */
import type { File } from "@dagger.io/dagger";
import { versionOf } from "../spec/versions.ts";
import type { Project } from "./project.ts";
import { goToolchain, withGoModule } from "./toolchains.ts";

/** syft writes bills of materials, osv-scanner looks them up, cosign signs. */
export type Scanner = "syft" | "osv-scanner" | "cosign";

/** Builds one; its first build takes minutes, later ones come from the cache. */
export function scanner(project: Project, name: Scanner): File {
  const { version, toolchain } = versionOf(project.versions.go, name);
  const module = `ci/scanners/${name}`;
  let go = goToolchain(project);
  if (toolchain !== undefined) go = go.withEnvVariable("GOTOOLCHAIN", toolchain);
  return withGoModule(go, project, module)
    .withExec(["go", "build", "-o", "/out/", "-ldflags", `-s -w -X main.version=${version.slice(1)}`, "tool"])
    .file(`/out/${name}`);
}
