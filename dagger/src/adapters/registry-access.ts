/** How a registry is reached: the one inside the graph, or any other by its address. */
import type { File, Secret } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { pairOf, registryAddress } from "../publication/target.ts";
import { LOCAL_REGISTRY, localRegistry } from "./local-registry.ts";
import { newNonce } from "./nonce.ts";
import { fixedLogin, type RegistryAccess } from "./oci-registry.ts";
import type { Project } from "./project.ts";

/** A registry outside of the graph. */
export interface RemoteRegistry {
  address: string;
  username?: string | undefined;
  password?: Secret | undefined;
  /** Certificate of an own authority, PEM. */
  ca?: File | undefined;
  /** The registry speaks plain http. */
  insecure?: boolean | undefined;
}

/** What a caller may say. */
export interface RegistryArguments extends Partial<RemoteRegistry> {
  local: boolean;
}

/**
 * Decides.
 *
 * @throws PipelineError MS-ECR-001 when nothing says where, MS-ECR-002 when one of two is missing
 */
export async function registryAccess(project: Project, given: RegistryArguments): Promise<RegistryAccess> {
  const { local, address, username, password } = given;
  pairOf("--username", username, "--password", password);
  if (local) return localAccess(project);
  if (address === undefined) throw new PipelineError("MS-ECR-001", "neither --local nor --address was given");
  return remoteAccess({ ...given, ...registryAddress(address, given.insecure) }, newNonce());
}

/** The registry inside the graph. */
export function localAccess(project: Project): RegistryAccess {
  const { host, port } = LOCAL_REGISTRY;
  return { address: `${host}:${port}`, insecure: true, service: { host, service: localRegistry(project) } };
}

/** A registry outside of the graph, with the login if there is one. */
export async function remoteAccess(registry: RemoteRegistry, nonce: string): Promise<RegistryAccess> {
  const { address, username, password, ca, insecure } = registry;
  const access = { address, ...(ca && { ca }), ...(insecure && { insecure }) };
  if (username === undefined || password === undefined) return access;
  return { ...access, credentials: await fixedLogin(address, username, password, nonce) };
}
