/** Checks of what publications rest on. */
import { type Directory, func, object } from "@dagger.io/dagger";
import { Project } from "../adapters/project.ts";
import { visitZoo } from "../adapters/registry-zoo.ts";
import { compareBuilds } from "../adapters/reproducible.ts";
import type { Commit } from "../spec/commit.ts";

/** Checks of what publications rest on. */
@object()
export class PublicationChecks {
  source: Directory;
  commit: string;

  constructor(source: Directory, commit: Commit) {
    this.source = source;
    this.commit = JSON.stringify(commit);
  }

  /**
   * Publishes a small image to every kind of registry: ECR's API, plain, with a password, with an own authority.
   *
   * Publishes it twice, and expects a wrong password and an unknown certificate to be refused. MS-ECR-013 when one of
   * them behaves otherwise. Never cached.
   */
  @func({ cache: "never" })
  async registryZoo(): Promise<string> {
    return visitZoo(await projectOf(this));
  }

  /**
   * Builds images again without any cache and compares the digests; MS-ECR-012 names the layers that differ.
   *
   * Downloads are kept. A Rust image takes minutes per build. Never cached.
   */
  @func({ cache: "never" })
  async reproducible(
    /** Images, separated by commas, or `all`. */
    images: string = "mcp-gateway",
    /** How many builds without cache; they are also compared with the one that is published. */
    builds: number = 2,
  ): Promise<string> {
    return compareBuilds(await projectOf(this), images, builds);
  }
}

function projectOf({ source, commit }: PublicationChecks): Promise<Project> {
  return Project.load(source, JSON.parse(commit) as Commit);
}
