/** The checkout as the pipeline sees it: its sources, its specs, its versions. */
import { type Container, type Directory, dag } from "@dagger.io/dagger";
import { OBSERVABILITY_FILE, parseSystem, SPEC_FILES } from "../spec/parse-system.ts";
import type { ServiceSpec, SystemSpec } from "../spec/service-spec.ts";
import { serviceOf } from "../spec/service-spec.ts";
import { parseVersions, type Versions, versionOf } from "../spec/versions.ts";

/** Fargate runs these images on x86-64; so does every stage that makes them. */
const PLATFORM = "linux/amd64" as never;

/** What every adapter needs. */
export class Project {
  readonly source: Directory;
  readonly system: SystemSpec;
  /** The system with what the compose file adds in its profile `observability`. */
  readonly observed: SystemSpec;
  readonly versions: Versions;
  /** Version of the release, from the root package.json. */
  readonly release: string;

  private constructor(parts: Pick<Project, "source" | "system" | "observed" | "versions" | "release">) {
    this.source = parts.source;
    this.system = parts.system;
    this.observed = parts.observed;
    this.versions = parts.versions;
    this.release = parts.release;
  }

  /**
   * Reads and checks all specs.
   *
   * @throws SpecError with file and line of everything that is wrong
   */
  static async load(source: Directory): Promise<Project> {
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
    });
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
    return dag.container({ platform: PLATFORM }).from(versionOf(this.versions.images, name));
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
