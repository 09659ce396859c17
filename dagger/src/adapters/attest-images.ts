/** Attaches to published images what proves where they come from, and signs both. */
import { type Container, type Directory, dag, type File, type Secret } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { spdxText } from "../supply-chain/normalise-sbom.ts";
import type { ProvenanceStatement } from "../supply-chain/provenance.ts";
import type { Signer } from "../supply-chain/signing.ts";
import type { SpdxDocument } from "../supply-chain/spdx.ts";
import { goPrograms } from "./build-tools.ts";
import { type RegistryAccess, withRegistry } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { scanner } from "./scanners.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** Media types of what is attached. */
const MEDIA_TYPES = { sbom: "application/spdx+json", provenance: "application/vnd.in-toto+json" } as const;

/** One image and its proofs. */
export interface AttestedImage {
  name: string;
  repository: string;
  digest: string;
  layout: Directory;
  sbom: SpdxDocument;
  provenance: ProvenanceStatement;
}

/** A registry, and a word that no other run has: what a registry holds is not a matter of the cache. */
export interface RegistryRun {
  access: RegistryAccess;
  nonce: string;
}

/** Attaches SBOM and provenance as referrers; with a signer the image and both are signed too. */
export async function attestImage(
  project: Project,
  image: AttestedImage,
  { access, nonce }: RegistryRun,
  signer: Signer<Secret>,
): Promise<string> {
  const files = proofs(image);
  const repository = `${access.address}/${image.repository}`;
  const attached = (await withRegistry(registryClient(project), access))
    .withDirectory("/steps", stepScripts("attach-referrer.mjs", "read-layout.mjs"))
    .withEnvVariable("RUN", nonce)
    .withMountedDirectory("/in/layout", image.layout)
    .withMountedDirectory("/in/proofs", files)
    .withExec(["sh", "-euc", attachScript(repository, access.insecure === true)]);
  await explained("MS-ECR-005", `attaching to ${repository}`, () => attached.sync());
  if (signer.kind === "none") return `${repository}@${image.digest}: attached, not signed`;
  const signed = withSigner(await withRegistry(cosignClient(project), access), signer)
    .withDirectory("/steps", stepScripts("sign-image.mjs", "cosign-command.mjs"))
    .withEnvVariable("RUN", nonce)
    .withMountedDirectory("/in/proofs", files)
    .withExec([
      ...["node", "/steps/sign-image.mjs", `${repository}@${image.digest}`],
      ...["slsaprovenance1=/in/proofs/predicate.json", "spdxjson=/in/proofs/sbom.spdx.json"],
    ]);
  await explained("MS-SUPPLY-001", `signing ${repository}`, () => signed.sync());
  return `${repository}@${image.digest}: attached and signed`;
}

/** Node with what talks to a registry. */
export function registryClient(project: Project): Container {
  return withDebianPackages(project.base("node"), ["ca-certificates"]).withFile(
    "/usr/local/bin/crane",
    goPrograms(project).file("crane"),
  );
}

/** The same with cosign. */
export function cosignClient(project: Project): Container {
  return registryClient(project).withFile("/usr/local/bin/cosign", cosign(project));
}

function cosign(project: Project): File {
  return scanner(project, "cosign");
}

function proofs({ sbom, provenance }: AttestedImage): Directory {
  return dag
    .directory()
    .withNewFile("sbom.spdx.json", spdxText(sbom))
    .withNewFile("provenance.intoto.json", JSON.stringify(provenance))
    .withNewFile("predicate.json", JSON.stringify(provenance.predicate));
}

function attachScript(repository: string, insecure: boolean): string {
  const options = insecure ? " --insecure" : "";
  const attach = (file: string, type: string) =>
    `node /steps/attach-referrer.mjs ${repository} /in/layout /in/proofs/${file} ${type}${options}`;
  return [
    attach("sbom.spdx.json", MEDIA_TYPES.sbom),
    attach("provenance.intoto.json", MEDIA_TYPES.provenance),
  ].join("\n");
}

// Keys come as mounted files: neither the arguments nor the layers hold them.
function withSigner(container: Container, signer: Signer<Secret>): Container {
  if (signer.kind === "none") return container;
  if (signer.kind === "keyless")
    return container
      .withMountedSecret("/run/signer/token", signer.identityToken)
      .withEnvVariable("IDENTITY_TOKEN", "/run/signer/token");
  const signed = container
    .withMountedSecret("/run/signer/cosign.key", signer.key)
    .withEnvVariable("COSIGN_KEY", "/run/signer/cosign.key");
  return signer.password
    ? signed.withSecretVariable("COSIGN_PASSWORD", signer.password)
    : signed.withEnvVariable("COSIGN_PASSWORD", "");
}
