/** Reads back what a registry holds for several platforms. */
import { explained, PipelineError } from "../errors.ts";
import { type HeldIndex, isIndexOf } from "../publication/held-index.ts";
import { type RegistryRun, registryClient } from "./attest-images.ts";
import { OciRegistry, withRegistry } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";

/** An image that a tag is said to name. */
export interface TaggedImage {
  repository: string;
  tag: string;
  digest: string;
}

/** Reads what is under `repository:tag`. */
export async function readIndex(
  project: Project,
  { access, nonce }: RegistryRun,
  name: string,
): Promise<HeldIndex> {
  const reference = `${access.address}/${name}`;
  const options = access.insecure ? ["--insecure"] : [];
  const client = (await withRegistry(registryClient(project), access))
    .withDirectory("/steps", stepScripts("read-index.mjs"))
    .withEnvVariable("RUN", nonce)
    .withExec(["node", "/steps/read-index.mjs", reference, "/out.json", ...options]);
  const text = await explained("MS-ECR-005", `reading ${reference}`, () =>
    client.file("/out.json").contents(),
  );
  return JSON.parse(text) as HeldIndex;
}

/**
 * Refuses images that were published for several platforms: what is attached and verified is of one image.
 *
 * @throws PipelineError MS-SUPPLY-013 when a tag holds an index that has the image
 */
export async function refuseIndexes(
  project: Project,
  run: RegistryRun,
  images: readonly TaggedImage[],
): Promise<void> {
  const nameOf = ({ repository, tag }: TaggedImage) => `${repository}:${tag}`;
  const held = await new OciRegistry(project, run.access, run.nonce).digests(images.map(nameOf));
  const others = images.filter((image) => {
    const digest = held[nameOf(image)];
    return digest !== undefined && digest !== image.digest;
  });
  for (const image of others) {
    if (isIndexOf(await readIndex(project, run, nameOf(image)), image.digest))
      throw new PipelineError(
        "MS-SUPPLY-013",
        `${nameOf(image)} was published with --platforms; proofs are made and checked for images of one platform only`,
      );
  }
}
