/** Publishes built images: plans first, refuses before any effect, then does only what is missing. */
import type { Secret } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { PublicationPlan } from "../publication/plan-text.ts";
import { MOVING_TAG, type RepositoryChange } from "../publication/repository.ts";
import { planTags, refuseConflicts, type TagRequest } from "../publication/tag-plan.ts";
import type { PublishTarget } from "../publication/target.ts";
import { Ecr } from "./ecr.ts";
import { LOCAL_REGISTRY, localEcrApi, localRegistry } from "./local-registry.ts";
import type { BuiltImage } from "./normalise-image.ts";
import { OciRegistry, type RegistryAccess, registryCredentials } from "./oci-registry.ts";
import type { Project } from "./project.ts";

/** A publication that is planned but not done. */
export interface PreparedPublication {
  plan: PublicationPlan;
  /** Does it; a plan with conflicts is refused. */
  run: () => Promise<void>;
}

/** The registry of a publication, and the ECR API in front of it if there is one. */
interface Place {
  access: RegistryAccess;
  /** Address that a person uses. */
  shown: string;
  ecr?: Ecr;
  /** The API has no image store of its own and must be told what was pushed. */
  recorded: boolean;
}

const SHORT_DIGEST = 12;
const LOCAL_CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local", region: "us-east-1" };

/** Looks at the registry and plans; nothing is changed yet. */
export async function preparePublication(
  project: Project,
  images: readonly BuiltImage[],
  target: PublishTarget<Secret>,
  tag: string | undefined,
  nonce: string,
): Promise<PreparedPublication> {
  const place = await placeOf(project, target);
  const registry = new OciRegistry(project, place.access, nonce);
  const specs = images.map((image) => image.spec);
  const repositories: RepositoryChange[] = place.ecr ? await place.ecr.changes(specs) : [];
  const requests = images.map((image) => tagRequest(project, image, target, tag));
  const names = requests.flatMap(({ repository, tags }) => tags.map((name) => `${repository}:${name}`));
  const tags = planTags(requests, await registry.digests(names));
  const plan: PublicationPlan = { address: place.shown, repositories, tags };
  return {
    plan,
    run: async () => {
      refuseConflicts(tags);
      await place.ecr?.apply(specs, repositories);
      await Promise.all(images.map((image) => publishImage(registry, place, image, plan)));
    },
  };
}

async function publishImage(
  registry: OciRegistry,
  place: Place,
  image: BuiltImage,
  plan: PublicationPlan,
): Promise<void> {
  const steps = plan.tags.filter((step) => step.repository === image.spec.repository);
  for (const { repository, tag, digest, action } of steps) {
    if (action === "push" || action === "move") await registry.push(image.layout, repository, tag);
    if (!place.recorded || tag === MOVING_TAG) continue;
    const blob = image.layout.file(`blobs/${digest.replace(":", "/")}`);
    await place.ecr?.record(repository, tag, digest, await blob.contents());
  }
}

function tagRequest(
  project: Project,
  { spec, facts }: BuiltImage,
  target: PublishTarget<Secret>,
  tag: string | undefined,
): TagRequest {
  // On a laptop every build may be published: its tag comes from its content.
  const content = facts.digest.split(":")[1]?.slice(0, SHORT_DIGEST);
  const version = target.kind === "local" ? `${project.release}-dev.${content}` : project.release;
  return {
    repository: spec.repository ?? spec.name,
    tags: [tag ?? version, MOVING_TAG],
    digest: facts.digest,
  };
}

async function placeOf(project: Project, target: PublishTarget<Secret>): Promise<Place> {
  if (target.kind === "local") return localPlace(project);
  if (target.kind === "registry") return registryPlace(target);
  const ecr = await Ecr.connect({
    region: target.region,
    accessKeyId: await target.accessKeyId.plaintext(),
    secretAccessKey: await target.secretAccessKey.plaintext(),
    ...(target.sessionToken && { sessionToken: await target.sessionToken.plaintext() }),
  });
  const { host, username, password } = await ecr.login();
  const credentials = registryCredentials(host, username, password);
  return { access: { address: host, credentials }, shown: host, ecr, recorded: false };
}

async function registryPlace(target: PublishTarget<Secret> & { kind: "registry" }): Promise<Place> {
  const { address, username, password } = target;
  if (username === undefined || password === undefined)
    return { access: { address }, shown: address, recorded: false };
  const host = address.split("/")[0] ?? address;
  const credentials = registryCredentials(host, username, await password.plaintext());
  return { access: { address, credentials }, shown: address, recorded: false };
}

async function localPlace(project: Project): Promise<Place> {
  const api = localEcrApi(project);
  const endpoint = await explained("MS-PIPE-007", "starting the ECR API", async () => {
    await api.start();
    return api.endpoint({ scheme: "http" });
  });
  const { host, port } = LOCAL_REGISTRY;
  return {
    access: {
      address: `${host}:${port}`,
      insecure: true,
      service: { host, service: localRegistry(project) },
    },
    shown: `localhost:${port}`,
    ecr: await Ecr.connect({ ...LOCAL_CREDENTIALS, endpoint }),
    recorded: true,
  };
}
