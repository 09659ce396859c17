/** Any OCI registry, spoken to by crane. Credentials come as a mounted file, never as an argument. */
import { type Container, type Directory, dag, type File, type Secret, type Service } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { isUnauthorized, retried } from "../publication/retry.ts";
import { goPrograms } from "./build-tools.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** A registry and how to get at it. */
export interface RegistryAccess {
  /** Host, with port and prefix if it has them. */
  address: string;
  /** Asked before each call, because a login may end before the publication does. */
  credentials?: RegistryCredentials;
  /** Certificate of an own authority, PEM. */
  ca?: File;
  /** Speaks http; for a registry of our own inside the graph. */
  insecure?: boolean;
  /** A registry inside of the graph and the host name under which it is found. */
  service?: { host: string; service: Service };
}

/** Logins of one registry. */
export interface RegistryCredentials {
  /** docker's config.json. */
  current: () => Promise<Secret>;
  /** The registry refused the login; the next one must be a new one. */
  forget?: () => void;
}

const DOCKER_CONFIG = "/run/docker-config";
const OWN_CA = "/run/registry-ca";
const SYSTEM_CAS = "/etc/ssl/certs";

/** docker's config.json for one registry, as a secret; each login needs a name of its own. */
export function registryCredentials(name: string, host: string, username: string, password: string): Secret {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return dag.setSecret(`docker-config-${name}`, JSON.stringify({ auths: { [host]: { auth } } }));
}

/** A user's name and password, which do not end. */
export async function fixedLogin(
  address: string,
  username: string,
  password: Secret,
  nonce: string,
): Promise<RegistryCredentials> {
  const host = address.split("/")[0] ?? address;
  const secret = registryCredentials(`${host}-${nonce}`, host, username, await password.plaintext());
  return { current: async () => secret };
}

/** Gives a container a registry: its address, its authority and the login for it. INSECURE tells of plain http. */
export async function withRegistry(container: Container, access: RegistryAccess): Promise<Container> {
  const { credentials, service, ca } = access;
  let client = container.withEnvVariable("INSECURE", access.insecure ? "1" : "0");
  if (service) client = client.withServiceBinding(service.host, service.service);
  if (ca)
    client = client
      .withMountedFile(`${OWN_CA}/ca.pem`, ca)
      .withEnvVariable("SSL_CERT_DIR", `${SYSTEM_CAS}:${OWN_CA}`);
  if (credentials)
    client = client
      .withEnvVariable("DOCKER_CONFIG", DOCKER_CONFIG)
      .withMountedSecret(`${DOCKER_CONFIG}/config.json`, await credentials.current());
  return client;
}

/** A registry that images are pushed to. */
export class OciRegistry {
  readonly #project: Project;
  readonly #access: RegistryAccess;
  /** Makes every call of this run its own: what a registry holds is not a matter of the cache. */
  readonly #nonce: string;
  #calls = 0;

  constructor(project: Project, access: RegistryAccess, nonce: string) {
    this.#project = project;
    this.#access = access;
    this.#nonce = nonce;
  }

  /** Digest under each `repository:tag` that the registry holds. */
  async digests(names: readonly string[]): Promise<Record<string, string>> {
    const references = names.map((name) => `${this.#access.address}/${name}`);
    const command = ["/steps/find-digests.sh", this.#options().join(" "), ...references];
    const text = await retried(() =>
      this.#run(`asking ${this.#access.address}`, (crane) => crane.withExec(command)),
    );
    const found = text
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    return Object.fromEntries(
      found.flatMap(([reference = "", digest = "absent"]) =>
        digest === "absent" ? [] : [[reference.slice(this.#access.address.length + 1), digest]],
      ),
    );
  }

  /** Pushes an image under a tag; layers that the registry holds are not sent. */
  async push(layout: Directory, repository: string, tag: string): Promise<void> {
    const reference = `${this.#access.address}/${repository}:${tag}`;
    const command = ["crane", "push", ...this.#options(), "/layout", reference];
    await this.#run(`pushing ${reference}`, (crane) =>
      crane.withMountedDirectory("/layout", layout).withExec(command),
    );
  }

  /** Runs crane, once more with a new login when the registry did not take the one it got. */
  async #run(what: string, command: (crane: Container) => Container): Promise<string> {
    const { credentials } = this.#access;
    const attempt = () => explained("MS-ECR-005", what, async () => command(await this.#crane()).stdout());
    try {
      return await attempt();
    } catch (error) {
      if (!credentials?.forget || !isUnauthorized(error)) throw error;
      credentials.forget();
      return attempt();
    }
  }

  #options(): string[] {
    return this.#access.insecure ? ["--insecure"] : [];
  }

  async #crane(): Promise<Container> {
    const container = withDebianPackages(this.#project.base("debian"), ["ca-certificates"])
      .withFile("/usr/local/bin/crane", goPrograms(this.#project).file("crane"))
      .withDirectory("/steps", stepScripts("find-digests.sh"))
      .withEnvVariable("RUN", `${this.#nonce}-${this.#calls++}`);
    return withRegistry(container, this.#access);
  }
}
