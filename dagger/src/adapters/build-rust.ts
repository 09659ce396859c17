/**
 * Builds the Rust binaries in two layers: dependencies from manifests and empty sources (shared by all
 * services), then the real sources of one service. The others stay empty, so a changed line in one of
 * them leaves this layer in the cache.
 */
import { CacheSharingMode, type Container, type Directory, type File } from "@dagger.io/dagger";
import { explained } from "../errors.ts";
import { compiledVolume, rustTarget } from "../spec/platform.ts";
import { cargoTree } from "../supply-chain/cargo-crates.ts";
import type { Project } from "./project.ts";
import { stepScripts } from "./step-script.ts";
import { rustToolchain, rustToolchainFor } from "./toolchains.ts";

const SERVICES = "services";
/** Where compiled dependencies wait for the next change of a manifest. */
const COMPILED = "/compiled";
/** Crates that become programs of an image. */
const PROGRAMS = ["supervisor", "claude-worker", "msctl"] as const;
/** What every crate may read beside its own directory. */
const SHARED = ["common", "contracts"];
const EMPTY_SOURCE = "//! Stands in for a source that this step does not need.\n";

/** A member of the workspace: its directory below services/ and its name for cargo. */
interface Member {
  directory: string;
  crate: string;
}

/** The workspace below services/. */
export class RustWorkspace {
  readonly #project: Project;
  readonly #members: readonly Member[];

  private constructor(project: Project, members: readonly Member[]) {
    this.#project = project;
    this.#members = members;
  }

  /** Finds the members. */
  static async open(project: Project): Promise<RustWorkspace> {
    const paths = await project.source.directory(SERVICES).glob("**/Cargo.toml");
    const directories = paths
      .filter((path) => path.includes("/"))
      .map((path) => path.slice(0, path.lastIndexOf("/")))
      .sort();
    const members = directories.map(async (directory) => {
      const manifest = await project.source.file(`${SERVICES}/${directory}/Cargo.toml`).contents();
      return { directory, crate: /^name\s*=\s*"([^"]+)"/m.exec(manifest)?.[1] ?? directory };
    });
    return new RustWorkspace(project, await Promise.all(members));
  }

  /** Release binary of a crate, static. */
  async binary(crate: (typeof PROGRAMS)[number]): Promise<File> {
    const built = await this.#own(crate);
    await explained("MS-PIPE-001", `building ${crate}`, () => built.sync());
    return built.file(`/out/${crate}`);
  }

  /** What a program is made of, as `cargo tree` says it. */
  async crateTree(crate: (typeof PROGRAMS)[number]): Promise<string> {
    const list = ["cargo", ...cargoTree(rustTarget(this.#project.platform)), "--package", crate];
    const tree = this.withManifests(rustToolchain(this.#project)).withExec(list);
    return explained("MS-SUPPLY-001", `listing the crates of ${crate}`, () => tree.stdout());
  }

  /** Toolchain with manifests and lock file in /src: what asks for crates only does not depend on sources. */
  withManifests(container: Container): Container {
    return container.withDirectory("/src", this.#skeleton()).withWorkdir("/src");
  }

  /** Toolchain with the whole workspace in /src/services, for tests and linters. */
  withSources(container: Container): Container {
    const sources = this.#project.select([`${SERVICES}/**`], ["**/node_modules", "**/target"]);
    return container.withDirectory("/src", sources).withWorkdir(`/src/${SERVICES}`);
  }

  /** Every dependency of every program, compiled. */
  #dependencies(): Container {
    const { platform, engine } = this.#project;
    const cache = compiledVolume("mistersmith-cargo-dependencies", platform, engine);
    return rustToolchainFor(this.#project)
      .withDirectory("/steps", stepScripts("build-crates.sh", "build-dependencies.sh"))
      .withDirectory("/src", this.#skeleton())
      .withWorkdir("/src")
      .withMountedCache(COMPILED, this.#project.compiled(cache), {
        sharing: CacheSharingMode.Locked,
      })
      .withExec(["/steps/build-dependencies.sh", COMPILED, rustTarget(platform), ...PROGRAMS])
      .withoutMount(COMPILED);
  }

  async #own(crate: string): Promise<Container> {
    const own = this.#members.find((member) => member.crate === crate)?.directory ?? crate;
    // A crate is compiled with the spec of its service, which may lie above it (tools/service.yaml).
    const [service] = own.split("/");
    const directories = [...SHARED, own].map((name) => `${SERVICES}/${name}`);
    const sources = this.#project
      .files([`${SERVICES}/${service}/service.yaml`])
      .withDirectory(".", await this.#project.filesBelow(directories))
      .directory(SERVICES);
    // cargo compares times: what replaces an empty source must be newer than it.
    const touched = [...SHARED, service].join(" ");
    const build = `find ${touched} -type f -exec touch {} + && exec /steps/build-crates.sh ${rustTarget(this.#project.platform)} ${crate}`;
    return this.#dependencies().withDirectory("/src", sources).withExec(["sh", "-c", build]);
  }

  /** Manifests and lock file with empty sources. */
  #skeleton(): Directory {
    const members = this.#members.map(({ directory }) => `${directory}/Cargo.toml`);
    const manifests = this.#project
      .files(["Cargo.toml", "Cargo.lock", ...members].map((path) => `${SERVICES}/${path}`))
      .directory(SERVICES);
    return this.#members.reduce(
      (tree, { directory }) =>
        tree
          .withNewFile(`${directory}/src/lib.rs`, EMPTY_SOURCE)
          .withNewFile(`${directory}/src/main.rs`, `${EMPTY_SOURCE}fn main() {}\n`),
      manifests,
    );
  }
}
