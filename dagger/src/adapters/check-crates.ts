/** Checks the crates against services/deny.toml: their licences, which of them may be used, and where they come from. */
import type { Container, File } from "@dagger.io/dagger";
import { versionOf } from "../spec/versions.ts";
import type { RustWorkspace } from "./build-rust.ts";
import type { Project } from "./project.ts";
import { rustToolchain } from "./toolchains.ts";

const POLICY = "deny.toml";

/** Checks; what it needs of the crates is fetched first, and nothing while it checks. */
export const CHECK_CRATES =
  "cargo fetch --locked && cargo deny --offline --locked check licenses bans sources";

/** A container with cargo-deny, the policy, and the manifests with empty sources. */
export function crateChecker(project: Project, rust: RustWorkspace): Container {
  return rust
    .withManifests(rustToolchain(project))
    .withFile("/usr/local/bin/cargo-deny", cargoDeny(project))
    .withFile(POLICY, project.source.file(`services/${POLICY}`));
}

// Optimising it would take three times as long as it ever runs.
function cargoDeny(project: Project): File {
  const version = versionOf(project.versions.cargo, "cargo-deny");
  const install = ["install", "cargo-deny", "--version", version, "--locked", "--debug", "--root", "/tools"];
  return rustToolchain(project)
    .withExec(["cargo", ...install])
    .file("/tools/bin/cargo-deny");
}
