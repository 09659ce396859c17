/** Attests and verifies all images of a publication. */
import type { File, Secret } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { MOVING_TAG } from "../publication/repository.ts";
import { repositoryOf } from "../spec/service-spec.ts";
import type { ExpectedOrigin } from "../supply-chain/provenance.ts";
import type { Signer, Verifier } from "../supply-chain/signing.ts";
import { refuseUnverified } from "../supply-chain/verification.ts";
import { attestImage } from "./attest-images.ts";
import { buildAll } from "./build-images.ts";
import { buildPlatforms } from "./build-platforms.ts";
import { givenImages } from "./hand-off.ts";
import { makeSboms } from "./make-sbom.ts";
import { newNonce } from "./nonce.ts";
import type { Project } from "./project.ts";
import { imageProvenance, type OriginArguments } from "./provenance.ts";
import { refuseIndexes } from "./read-index.ts";
import { type RegistryArguments, registryAccess } from "./registry-access.ts";
import { verifyImage } from "./verify-images.ts";

/** What must be in the registry. */
export interface ExpectedPublication {
  /** images.json; without it the images are built. */
  images?: File | undefined;
  tag: string;
  origin: ExpectedOrigin;
}

/**
 * Attaches the proofs of all images, one after the other: registries without a referrers API share one index.
 *
 * @throws PipelineError MS-PIPE-014 for images that are not made on their own platform
 */
export async function attestImages(
  project: Project,
  registry: RegistryArguments,
  origin: OriginArguments,
  signer: Signer<Secret>,
): Promise<string> {
  refuseForeign(project);
  const access = await registryAccess(project, registry);
  const images = await buildAll(project);
  const run = { access, nonce: newNonce() };
  const tagged = images.map(({ spec, facts: { digest } }) => ({
    repository: repositoryOf(spec),
    tag: MOVING_TAG,
    digest,
  }));
  await refuseIndexes(project, run, tagged);
  const provenances = await Promise.all(images.map((image) => imageProvenance(project, image, origin)));
  const sboms = await makeSboms(project, images);
  const lines: string[] = [];
  for (const [index, { spec, facts, layout }] of images.entries()) {
    const [sbom, provenance] = [sboms.get(spec.name), provenances[index]];
    if (!sbom || !provenance) throw new Error(`${spec.name} has no proofs`);
    const repository = repositoryOf(spec);
    const image = { name: spec.name, repository, digest: facts.digest, layout, sbom, provenance };
    lines.push(await attestImage(project, image, run, signer));
  }
  return lines.join("\n");
}

/**
 * Checks all images.
 *
 * @throws PipelineError MS-SUPPLY-007 to -010
 */
export async function verifyImages(
  project: Project,
  registry: RegistryArguments,
  expected: ExpectedPublication,
  verifier: Verifier<File>,
): Promise<string> {
  const access = await registryAccess(project, registry);
  const digests = (await givenImages(expected.images))?.digests ?? (await builtDigests(project));
  const run = { access, nonce: newNonce() };
  const images = project.ownServices().map((spec) => {
    const digest = digests[spec.name];
    if (!digest) throw new PipelineError("MS-SUPPLY-013", `images.json has no digest of ${spec.name}`);
    return { repository: repositoryOf(spec), tag: expected.tag, digest, origin: expected.origin };
  });
  const found = await Promise.all(images.map((image) => verifyImage(project, image, run, verifier)));
  const problems = found.flat();
  // An index of several platforms is no other content, and must not be called so.
  if (problems.length > 0) await refuseIndexes(project, run, images);
  refuseUnverified(problems);
  return images.map(({ repository, digest }) => `${repository}@${digest}: verified`).join("\n");
}

// A cross-built image is made of other packages than those that the proofs would name.
function refuseForeign({ platform, engine, isForeign }: Project): void {
  if (isForeign)
    throw new PipelineError("MS-PIPE-014", `proofs of ${platform.name} on an engine of ${engine.name}`);
}

async function builtDigests(project: Project): Promise<Record<string, string>> {
  const { images } = await buildPlatforms(project, [project.platform]);
  return Object.fromEntries(images.map(({ spec, facts }) => [spec.name, facts.digest]));
}
