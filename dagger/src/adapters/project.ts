/** The checkout as the pipeline sees it: its sources, its specs, its versions. */
import { type Container, type Directory, dag, type Secret } from "@dagger.io/dagger";
import { parseSystem, SPEC_FILES } from "../spec/parse-system.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { parseVersions, type Versions, versionOf } from "../spec/versions.ts";

/** Fargate runs these images on x86-64; so does every stage that makes them. */
const PLATFORM = "linux/amd64" as never;

/** A secret that every step of a build can read. */
export interface BuildSecret {
  variable: string;
  value: Secret;
}

/** What every adapter needs. */
export class Project {
  readonly source: Directory;
  readonly system: SystemSpec;
  readonly versions: Versions;
  /** Version of the release, from the root package.json. */
  readonly release: string;
  readonly #buildSecret: BuildSecret | undefined;

  private constructor(
    source: Directory,
    system: SystemSpec,
    versions: Versions,
    release: string,
    buildSecret?: BuildSecret,
  ) {
    this.source = source;
    this.system = system;
    this.versions = versions;
    this.release = release;
    this.#buildSecret = buildSecret;
  }

  /**
   * Reads and checks all specs.
   *
   * @throws SpecError with file and line of everything that is wrong
   */
  static async load(source: Directory): Promise<Project> {
    const read = (path: string) => source.file(path).contents();
    const [texts, versions, manifest] = await Promise.all([
      Promise.all(SPEC_FILES.map(async (name) => [name, await read(`services/${name}`)] as const)),
      read("ci/versions.json"),
      read("package.json"),
    ]);
    const { version } = JSON.parse(manifest) as { version: string };
    return new Project(source, parseSystem(Object.fromEntries(texts)), parseVersions(versions), version);
  }

  /** Spec of a service. */
  spec(name: string): ServiceSpec {
    return serviceOf(this.system, name);
  }

  /** Services that we build, in their order of dependence. */
  ownServices(): ServiceSpec[] {
    return [...this.system.values()].filter((spec) => spec.repository !== undefined);
  }

  /** Base image by its name in ci/versions.json. */
  base(name: string): Container {
    const base = dag.container({ platform: PLATFORM }).from(versionOf(this.versions.images, name));
    if (!this.#buildSecret) return base;
    const { variable, value } = this.#buildSecret;
    return base.withSecretVariable(variable, value).withMountedSecret(`/run/secrets/${variable}`, value);
  }

  /** The same project with a secret in each of its steps, to see what becomes of one. */
  withBuildSecret(secret: BuildSecret): Project {
    return new Project(this.source, this.system, this.versions, this.release, secret);
  }

  /** An empty image. */
  scratch(): Container {
    return dag.container({ platform: PLATFORM });
  }

  /**
   * A directory with the selected files only. Steps mount such selections, so that they run again when one
   * of these files changes and not when any other does.
   */
  select(include: string[], exclude: string[] = []): Directory {
    return dag.directory().withDirectory(".", this.source, { include, exclude });
  }
}
