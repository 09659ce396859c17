/** How it stands with the signatures of images that were just published to the registry inside the graph. */
import type { File } from "@dagger.io/dagger";
import { MOVING_TAG } from "../publication/repository.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import type { SignatureState } from "../supply-chain/image-evidence.ts";
import type { BuiltImage } from "./normalise-image.ts";
import type { Project } from "./project.ts";
import { localAccess } from "./registry-access.ts";
import { verifyImage } from "./verify-images.ts";

/** The state of each image by its name, and every reason why one is not as it should be. */
export interface Signatures {
  states: Readonly<Record<string, SignatureState>>;
  problems: readonly string[];
}

/** Checks signature, SBOM and provenance of each; without a key nothing is asked, and the images count as unsigned. */
export async function checkSignatures(
  project: Project,
  images: readonly BuiltImage[],
  publicKey: File | undefined,
  nonce: string,
): Promise<Signatures> {
  const answers = await Promise.all(
    images.map(async (image) => ({
      name: image.spec.name,
      ...(await stateOf(project, image, publicKey, nonce)),
    })),
  );
  return {
    states: Object.fromEntries(answers.map(({ name, state }) => [name, state])),
    problems: answers.flatMap(({ problems }) => problems),
  };
}

async function stateOf(
  project: Project,
  { spec, facts }: BuiltImage,
  publicKey: File | undefined,
  nonce: string,
): Promise<{ state: SignatureState; problems: string[] }> {
  if (!publicKey) return { state: "unsigned", problems: [] };
  const expected = {
    repository: repositoryOf(spec),
    tag: MOVING_TAG,
    digest: facts.digest,
    origin: {},
  };
  const run = { access: localAccess(project), nonce };
  const found = await verifyImage(project, expected, run, { kind: "key", publicKey });
  const problems = found.map(({ code, what }) => `${code} ${what}`);
  return { state: problems.length === 0 ? "verified" : "failed", problems };
}
