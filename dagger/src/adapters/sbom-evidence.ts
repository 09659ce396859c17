/**
 * What an image's programs were made from, where the image itself no longer tells: lock files cut to the program, and
 * the package records of system libraries that were linked in or copied.
 *
 * Crates come from Cargo.lock and not from cargo-auditable: that would cost each first build the time to compile it and
 * the dependencies' layer with each of its versions, and tell nothing that `cargo tree` of the locked build does not.
 */
import { type Directory, dag } from "@dagger.io/dagger";
import type { OwnService } from "../spec/parse-system.ts";
import { versionOf } from "../spec/versions.ts";
import { cargoPurl, lockOfCrates, parseCrates } from "../supply-chain/cargo-crates.ts";
import type { KnownLicences } from "../supply-chain/normalise-sbom.ts";
import { lockOfWorkspace, type NpmLock, ownLicence } from "../supply-chain/npm-lock.ts";
import { nodeBase } from "./build-node.ts";
import { RustWorkspace } from "./build-rust.ts";
import { goLicences } from "./build-tools.ts";
import { claudeManifest, fullDebian } from "./build-worker.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** Evidence of one image. */
export interface SbomEvidence {
  /** Laid over the image's root for the generator. */
  files: Directory;
  licences: KnownLicences;
  /** Licence texts of Go modules. */
  goLicences?: Directory;
}

const GATEWAY = "services/mcp-gateway";
const RECORDS = "/usr/share/mistersmith";
/** Licence of our own Go module, which has no text of its own. */
const OWN_MODULE = { "pkg:golang/mistersmith/tools": "Apache-2.0" };

/** Gathers the evidence of an image. */
export function sbomEvidence(project: Project, name: string): Promise<SbomEvidence> {
  const gather: Record<OwnService, () => Promise<SbomEvidence>> = {
    supervisor: () => rustEvidence(project, "supervisor"),
    "claude-worker": () => workerEvidence(project),
    "mcp-gateway": () => gatewayEvidence(project),
    tools: async () => {
      const { files, licences } = await rustEvidence(project, "msctl");
      return { files, licences: { ...licences, ...OWN_MODULE }, goLicences: goLicences(project) };
    },
  };
  return gather[name as OwnService]();
}

async function rustEvidence(
  project: Project,
  crate: "supervisor" | "claude-worker" | "msctl",
): Promise<SbomEvidence> {
  const rust = await RustWorkspace.open(project);
  const [tree, lock] = await Promise.all([
    rust.crateTree(crate),
    project.source.file("services/Cargo.lock").contents(),
  ]);
  const crates = parseCrates(tree);
  const licences = crates.map((entry): [string, string] => [
    cargoPurl(entry),
    entry.licence || "NOASSERTION",
  ]);
  return {
    files: linkedLibraries(project).withNewFile(`${RECORDS}/${crate}/Cargo.lock`, lockOfCrates(lock, crates)),
    licences: Object.fromEntries(licences),
  };
}

// A static program holds the C library of the image that it was linked in.
function linkedLibraries(project: Project): Directory {
  return project
    .base("rust")
    .withDirectory("/steps", stepScripts("collect-packages.sh"))
    .withExec([
      "sh",
      "-c",
      "/steps/collect-packages.sh /out $(gcc -print-file-name=libc.a) $(gcc -print-file-name=libgcc.a)",
    ])
    .directory("/out");
}

async function workerEvidence(project: Project): Promise<SbomEvidence> {
  const { files, licences } = await rustEvidence(project, "claude-worker");
  const { package: name } = versionOf(project.versions.npm, "claude-code");
  const texts = fullDebian(project).directory("/usr/share/doc");
  return {
    files: files
      .withDirectory("/usr/share/doc", texts, { include: ["**/copyright"] })
      .withFile(`/usr/local/lib/node_modules/${name}/package.json`, claudeManifest(project)),
    licences,
  };
}

async function gatewayEvidence(project: Project): Promise<SbomEvidence> {
  const text = await project.source.file("package-lock.json").contents();
  const lock = lockOfWorkspace(JSON.parse(text) as NpmLock, GATEWAY);
  // The bundle of certificates is made at installation: what makes it names the package.
  const libraries = dag
    .directory()
    .withDirectory(
      "/",
      nodeBase(project)
        .withDirectory("/steps", stepScripts("collect-packages.sh"))
        .withExec([
          "sh",
          "-c",
          "/steps/collect-packages.sh /out $(ldd /usr/local/bin/node | grep -o '/[^ ]*') /usr/sbin/update-ca-certificates",
        ])
        .directory("/out"),
    );
  return {
    files: libraries.withNewFile("app/package-lock.json", JSON.stringify(lock, null, 2)),
    licences: ownLicence(lock),
  };
}
