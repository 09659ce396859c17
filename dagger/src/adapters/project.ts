/** The checkout as the pipeline sees it: its sources, its specs, its versions. */
import { type CacheVolume, type Container, type Directory, dag, type Secret } from "@dagger.io/dagger";
import type { Commit } from "../spec/commit.ts";
import { OBSERVABILITY_FILE, parseSystem, SPEC_FILES } from "../spec/parse-system.ts";
import { enginePlatform, isForeign, type Platform } from "../spec/platform.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { parseVersions, type Versions, versionOf } from "../spec/versions.ts";

/** Variable of every base that makes its steps run again. */
const BUILD_RUN = "BUILD_RUN";

/** A secret that every step of a build can read. */
export interface BuildSecret {
  variable: string;
  value: Secret;
}

/** Makes another base of the one with this name. */
export type BaseChange = (name: string, base: Container) => Container;

/** What a build differs in from the usual one, to test the build itself. */
interface Probe {
  /** Word of a build that takes nothing from the cache. */
  run?: string;
  secret?: BuildSecret;
  bases?: BaseChange;
}

type Values = Pick<
  Project,
  "source" | "system" | "observed" | "versions" | "release" | "commit" | "engine" | "platform"
>;

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
  /** What the engine runs: every step does, and the images of local runs are made for it. */
  readonly engine: Platform;
  /** What the images are made for. */
  readonly platform: Platform;
  readonly #probe: Probe;

  private constructor(given: Values, probe: Probe = {}) {
    this.source = given.source;
    this.system = given.system;
    this.observed = given.observed;
    this.versions = given.versions;
    this.release = given.release;
    this.commit = given.commit;
    this.engine = given.engine;
    this.platform = given.platform;
    this.#probe = probe;
  }

  /**
   * Reads and checks all specs, and asks the engine for its platform.
   *
   * @throws SpecError with file and line of everything that is wrong
   * @throws PipelineError MS-PIPE-012 when no step of ours runs on the engine's platform
   */
  static async load(source: Directory, commit: Commit = {}): Promise<Project> {
    const read = (path: string) => source.file(path).contents();
    const specFile = async (name: string) => [name, await read(`services/${name}`)] as const;
    const [texts, added, versions, manifest, reported] = await Promise.all([
      Promise.all(SPEC_FILES.map(specFile)),
      specFile(OBSERVABILITY_FILE),
      read("ci/versions.json"),
      read("package.json"),
      dag.defaultPlatform(),
    ]);
    const engine = enginePlatform(reported);
    const { version } = JSON.parse(manifest) as { version: string };
    return new Project({
      source,
      system: parseSystem(Object.fromEntries(texts)),
      observed: parseSystem(Object.fromEntries([...texts, added])),
      versions: parseVersions(versions),
      release: version,
      commit,
      engine,
      platform: engine,
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

  /** The same project, whose images are for another platform. */
  onPlatform(platform: Platform): Project {
    const { source, system, observed, versions, release, commit, engine } = this;
    return new Project(
      { source, system, observed, versions, release, commit, engine, platform },
      this.#probe,
    );
  }

  /** Whether the images are for a platform whose programs the engine cannot run. */
  get isForeign(): boolean {
    return isForeign(this.platform, this.engine);
  }

  /** Base image of a step, by its name in ci/versions.json. */
  base(name: string): Container {
    const { run, secret, bases = (_, unchanged) => unchanged } = this.#probe;
    const base = bases(name, emptyContainer(this.engine).from(versionOf(this.versions.images, name)));
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

  /** The same project on other bases, to see what a build makes of them. */
  withBases(bases: BaseChange): Project {
    return new Project(this, { ...this.#probe, bases });
  }

  /** An empty image of the platform. */
  scratch(): Container {
    return emptyContainer(this.platform);
  }

  /**
   * An image with this root. As a root file system, a directory of a container brings every layer of that container
   * along; a copy does not.
   */
  rooted(root: Directory): Container {
    return this.scratch().withDirectory("/", root);
  }

  /**
   * These files, each by itself: a step on them runs again when one of them changes and not when any other does, for the
   * engine knows a file by its content.
   */
  files(paths: readonly string[]): Directory {
    return paths.reduce((tree, path) => tree.withFile(path, this.source.file(path)), dag.directory());
  }

  /** Every file below these directories, each by itself, as in `files`. */
  async filesBelow(directories: readonly string[]): Promise<Directory> {
    const found = await Promise.all(directories.map((directory) => this.source.glob(`${directory}/**/*`)));
    return this.files(found.flat().filter((path) => !path.endsWith("/")));
  }

  /**
   * A directory with the selected files only. The engine knows it by the whole source: a step on it runs again after any
   * change, so this is for steps that look at nearly everything.
   */
  select(include: string[], exclude: string[] = []): Directory {
    return dag.directory().withDirectory(".", this.source, { include, exclude });
  }
}

function emptyContainer({ name }: Platform): Container {
  return dag.container({ platform: name as never });
}
