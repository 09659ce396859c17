/** Checks what a registry holds: digest, content, signature, attestations. */
import type { Container, File } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { Verifier } from "../supply-chain/signing.ts";
import {
  type ExpectedImage,
  type RegistryAnswers,
  type VerificationProblem,
  verificationProblems,
} from "../supply-chain/verification.ts";
import { cosignClient, type RegistryRun } from "./attest-images.ts";
import { withRegistry } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** Checks one image; gives every reason not to run it. */
export async function verifyImage(
  project: Project,
  image: ExpectedImage,
  { access, nonce }: RegistryRun,
  verifier: Verifier<File>,
): Promise<VerificationProblem[]> {
  const asked = withVerifier(await withRegistry(cosignClient(project), access), verifier)
    .withDirectory("/steps", stepScripts("verify-image.mjs", "cosign-command.mjs"))
    .withEnvVariable("RUN", nonce)
    .withExec([
      ...["node", "/steps/verify-image.mjs", `${access.address}/${image.repository}`],
      ...[image.tag, image.digest, "/answers.json"],
    ]);
  const text = await explained("MS-SUPPLY-001", `asking ${access.address} for ${image.repository}`, () =>
    asked.file("/answers.json").contents(),
  );
  return verificationProblems(image, JSON.parse(text) as RegistryAnswers);
}

function withVerifier(container: Container, verifier: Verifier<File>): Container {
  if (verifier.kind === "key")
    return container
      .withMountedFile("/run/cosign.pub", verifier.publicKey)
      .withEnvVariable("COSIGN_PUBLIC_KEY", "/run/cosign.pub");
  return container
    .withEnvVariable("CERTIFICATE_IDENTITY", verifier.identity)
    .withEnvVariable("CERTIFICATE_ISSUER", verifier.issuer);
}
