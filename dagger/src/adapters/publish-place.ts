/** Opens the place that a target names: who we are there is checked before anything is built. */
import type { File, Secret } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import type { AwsAccess } from "../publication/aws-source.ts";
import { type RegistryLogin, RegistryToken } from "../publication/registry-token.ts";
import type { KeptSettings, RepositoryOptions } from "../publication/repository.ts";
import {
  decideRepositories,
  REPOSITORY_FILE,
  type RepositoryDecision,
} from "../publication/repository-file.ts";
import type { PublishTarget } from "../publication/target.ts";
import { checkIdentity, type ReadableSecret } from "./aws-session.ts";
import { Ecr } from "./ecr.ts";
import { LOCAL_REGISTRY, localEcrApi } from "./local-registry.ts";
import { type RegistryAccess, registryCredentials } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { localAccess, remoteAccess } from "./registry-access.ts";

/** The registry of a publication, and the ECR API in front of it if there is one. */
export interface Place {
  access: RegistryAccess;
  /** Address that a person uses. */
  shown: string;
  /** Reconciles the repositories. */
  ecr?: { api: Ecr; options: RepositoryOptions; kept: KeptSettings };
  /** The API has no image store of its own and must be told what was pushed. */
  recorded: boolean;
}

const LOCAL_REGION = "us-east-1";

/**
 * Opens it.
 *
 * @throws PipelineError MS-ECR-004, MS-ECR-010 or MS-ECR-011 when AWS does not take us for whom we were named
 */
export async function openPlace(
  project: Project,
  target: PublishTarget<Secret, File>,
  nonce: string,
): Promise<Place> {
  if (target.kind === "local") return localPlace(project);
  if (target.kind === "registry") return registryPlace(target, nonce);
  const decided = decideRepositories(
    await project.source.file(REPOSITORY_FILE).contents(),
    target.repositories ?? {},
  );
  const ecr = await connected(target.access, decided);
  const token = new RegistryToken(() => ecr.api.login());
  const { host } = await token.current();
  const credentials = {
    current: async () => loginSecret(await token.current(), nonce),
    forget: () => token.forget(),
  };
  return { access: { address: host, credentials }, shown: host, ecr, recorded: false };
}

// The end of a login tells it from the one before.
function loginSecret({ host, username, password, expires }: RegistryLogin, nonce: string): Secret {
  return registryCredentials(`${host}-${nonce}-${expires}`, host, username, password);
}

async function registryPlace(
  target: PublishTarget<Secret, File> & { kind: "registry" },
  nonce: string,
): Promise<Place> {
  return { access: await remoteAccess(target, nonce), shown: target.address, recorded: false };
}

async function localPlace(project: Project): Promise<Place> {
  const api = localEcrApi(project);
  const endpoint = await explained("MS-PIPE-007", "starting the ECR API", async () => {
    await api.start();
    return api.endpoint({ scheme: "http" });
  });
  const anything: ReadableSecret = { plaintext: async () => "local" };
  const source = { kind: "keys", accessKeyId: anything, secretAccessKey: anything } as const;
  return {
    access: localAccess(project),
    shown: `localhost:${LOCAL_REGISTRY.port}`,
    ecr: await connected({ region: LOCAL_REGION, source, endpoint }, { options: {}, kept: {} }),
    recorded: true,
  };
}

/** The account itself may always pull. */
async function connected(access: AwsAccess<ReadableSecret>, { options, kept }: RepositoryDecision) {
  const { account } = await checkIdentity(access);
  const pullAccounts = [account, ...(options.pullAccounts ?? [])];
  return { api: await Ecr.connect(access), options: { ...options, pullAccounts }, kept };
}
