/** Any OCI registry, spoken to by crane. Credentials come as a mounted file, never as an argument. */
import { type Container, type Directory, dag, type Secret, type Service } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { goPrograms } from "./build-tools.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { withDebianPackages } from "./toolchains.ts";

/** A registry and how to get at it. */
export interface RegistryAccess {
  /** Host, with port and prefix if it has them. */
  address: string;
  /** docker's config.json. */
  credentials?: Secret;
  /** Speaks http; for a registry of our own inside the graph. */
  insecure?: boolean;
  /** A registry inside of the graph and the host name under which it is found. */
  service?: { host: string; service: Service };
}

/** docker's config.json for one registry, as a secret. */
export function registryCredentials(host: string, username: string, password: string): Secret {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  // A name of its own for each content: two registries must not share one secret.
  return dag.setSecret(`docker-config-${host}`, JSON.stringify({ auths: { [host]: { auth } } }));
}

/** A registry that images are pushed to. */
export class OciRegistry {
  readonly #project: Project;
  readonly #access: RegistryAccess;
  /** Makes every call of this run its own: what a registry holds is not a matter of the cache. */
  readonly #nonce: string;

  constructor(project: Project, access: RegistryAccess, nonce: string) {
    this.#project = project;
    this.#access = access;
    this.#nonce = nonce;
  }

  /** Digest under each `repository:tag` that the registry holds. */
  async digests(names: readonly string[]): Promise<Record<string, string>> {
    const references = names.map((name) => `${this.#access.address}/${name}`);
    const asked = this.#crane().withExec([
      "/steps/find-digests.sh",
      this.#options().join(" "),
      ...references,
    ]);
    const text = await explained("MS-ECR-005", `asking ${this.#access.address}`, () => asked.stdout());
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
    const pushed = this.#crane()
      .withMountedDirectory("/layout", layout)
      .withExec(["crane", "push", ...this.#options(), "/layout", reference]);
    await explained("MS-ECR-005", `pushing ${reference}`, () => pushed.sync());
  }

  #options(): string[] {
    return this.#access.insecure ? ["--insecure"] : [];
  }

  #crane(): Container {
    const { credentials, service } = this.#access;
    let container = withDebianPackages(this.#project.base("debian"), ["ca-certificates"])
      .withFile("/usr/local/bin/crane", goPrograms(this.#project).file("crane"))
      .withDirectory("/steps", stepScripts("find-digests.sh"))
      .withEnvVariable("RUN", this.#nonce);
    if (service) container = container.withServiceBinding(service.host, service.service);
    if (credentials)
      container = container
        .withEnvVariable("DOCKER_CONFIG", "/run/docker-config")
        .withMountedSecret("/run/docker-config/config.json", credentials);
    return container;
  }
}
