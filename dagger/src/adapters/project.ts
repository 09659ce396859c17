/** The checkout as the pipeline sees it: its sources, its specs, its versions. */
import { type CacheVolume, type Container, type Directory, dag, type Secret } from "@dagger.io/dagger";
import type { Commit } from "../spec/commit.ts";
import { OBSERVABILITY_FILE, parseSystem, SPEC_FILES } from "../spec/parse-system.ts";

import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { parseVersions, type Versions, versionOf } from "../spec/versions.ts";

/** Fargate runs these images on x86-64; so does every stage that makes them. */
const PLATFORM = "linux/amd64" as never;

/** Variable of every base that makes its steps run again. */
const BUILD_RUN = "BUILD_RUN";

/** A secret that every step of a build can read. */
export interface BuildSecret {
  variable: string;
  value: Secret;
}

/** What a build differs in from the usual one, to test the build itself. */
interface Probe {
  /** Word of a build that takes nothing from the cache. */
  run?: string;
  secret?: BuildSecret;
}

/** What every adapter needs. */
export class Project {
  readonly source: Directory;
  readonly system: SystemSpec;
  /** The system with what the compose file adds in its profile `observability`. */
  readonly observed: SystemSpec;
  readonly versions: Versions;
  /** Version of the release, from the root package.json. */
  readonly release: string;
  /** What the images say about their source. */
  readonly commit: Commit;
  readonly #probe: Probe;

  private constructor(
    given: Pick<Project, "source" | "system" | "observed" | "versions" | "release" | "commit">,
    probe: Probe = {},
  ) {
    this.source = given.source;
    this.system = given.system;
    this.observed = given.observed;
    this.versions = given.versions;
    this.release = given.release;
    this.commit = given.commit;
    this.#probe = probe;
  }

  /**
   * Reads and checks all specs.
   *
   * @throws SpecError with file and line of everything that is wrong
   */
  static async load(source: Directory, commit: Commit = {}): Promise<Project> {
    const read = (path: string) => source.file(path).contents();
    const specFile = async (name: string) => [name, await read(`services/${name}`)] as const;
    const [texts, added, versions, manifest] = await Promise.all([
      Promise.all(SPEC_FILES.map(specFile)),
      specFile(OBSERVABILITY_FILE),
      read("ci/versions.json"),
      read("package.json"),
    ]);
    const { version } = JSON.parse(manifest) as { version: string };
    return new Project({
      source,
      system: parseSystem(Object.fromEntries(texts)),
      observed: parseSystem(Object.fromEntries([...texts, added])),
      versions: parseVersions(versions),
      release: version,
      commit,
    });
  }

  /** The same project, whose steps all run again; downloads are still kept. */
  uncached(run: string): Project {
    return new Project(this, { ...this.#probe, run });
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
    const { run, secret } = this.#probe;
    const probed = run === undefined ? base : base.withEnvVariable(BUILD_RUN, run);
    if (!secret) return probed;
    const { variable, value } = secret;
    return probed.withSecretVariable(variable, value).withMountedSecret(`/run/secrets/${variable}`, value);
  }

  /** An image as it would be without what made its steps run again. */
  withoutRun(image: Container): Container {
    return this.#probe.run === undefined ? image : image.withoutEnvVariable(BUILD_RUN);
  }

  /** Volume for what was compiled; a build that takes nothing from the cache gets an empty one. */
  compiled(name: string): CacheVolume {
    const { run } = this.#probe;
    return dag.cacheVolume(run === undefined ? name : `${name}-${run}`);
  }

  /** The same project with a secret in each of its steps, to see what becomes of one. */
  withBuildSecret(secret: BuildSecret): Project {
    return new Project(this, { ...this.#probe, secret });
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
