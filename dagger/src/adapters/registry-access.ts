/** Where published images lie, for what is attached to them and what is checked. */
import type { Secret } from "@dagger.io/dagger";
import { PipelineError } from "../errors.ts";
import { LOCAL_REGISTRY, localRegistry } from "./local-registry.ts";
import { fixedLogin, type RegistryAccess } from "./oci-registry.ts";
import type { Project } from "./project.ts";
import { newNonce } from "./whole-run.ts";

/** What a caller may say. */
export interface RegistryArguments {
  local: boolean;
  address?: string | undefined;
  username?: string | undefined;
  password?: Secret | undefined;
  /** The registry speaks plain http. */
  insecure?: boolean | undefined;
}

/**
 * Decides.
 *
 * @throws PipelineError MS-ECR-001 when nothing says where, MS-ECR-002 when one of two is missing
 */
export async function registryAccess(project: Project, given: RegistryArguments): Promise<RegistryAccess> {
  const { local, address, username, password, insecure } = given;
  if ((username === undefined) !== (password === undefined))
    throw new PipelineError("MS-ECR-002", "--username and --password belong together");
  if (local) {
    const { host, port } = LOCAL_REGISTRY;
    return { address: `${host}:${port}`, insecure: true, service: { host, service: localRegistry(project) } };
  }
  if (address === undefined) throw new PipelineError("MS-ECR-001", "neither --local nor --address was given");
  const access = { address, ...(insecure && { insecure }) };
  if (username === undefined || password === undefined) return access;
  return { ...access, credentials: await fixedLogin(address, username, password, newNonce()) };
}
