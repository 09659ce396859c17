/** Checks beyond the unit tests: of the checklist itself, of the hand-off, of what publications rest on. */
import { type Directory, type File, func, object } from "@dagger.io/dagger";
import { checkPlatforms } from "../adapters/check-platforms.ts";
import { checkStack } from "../adapters/check-stack.ts";
import { givenImages } from "../adapters/hand-off.ts";
import { Project } from "../adapters/project.ts";
import { checkPublicBases } from "../adapters/public-bases.ts";
import { visitZoo } from "../adapters/registry-zoo.ts";
import { compareBuilds } from "../adapters/reproducible.ts";
import { checklistTar } from "../adapters/run-checklist.ts";
import { validateHandOff } from "../adapters/validate-hand-off.ts";
import { plantedRun, systemImages } from "../adapters/whole-run.ts";
import type { Commit } from "../spec/commit.ts";

/** Checks of the checklist itself, of the hand-off and of what publications rest on. */
@object()
export class Checks {
  source: Directory;
  commit: string;

  constructor(source: Directory, commit: Commit) {
    this.source = source;
    this.commit = JSON.stringify(commit);
  }

  /**
   * Tests the checklist itself: plants one fault at a time and wants exactly its own row to turn red.
   *
   * Takes about seven times as long as `test-integration`. Fails with MS-PIPE-009. Never cached.
   */
  @func({ cache: "never" })
  async plantedFaults(
    /** Faults to plant, by the number of their row, for example 3,6; without it all seven. */
    rows?: string,
  ): Promise<string> {
    return plantedRun(await projectOf(this), rows);
  }

  /**
   * Gives the checklist, its tools and the images' root file systems as one tar, for a machine without an engine.
   *
   * There: unpack it as root, make it the root of a privileged container, and run ci/checklist/main.ts in /src.
   * 2 GB; `ci/machines/vm` runs it in a virtual machine.
   */
  @func()
  async checklistFiles(): Promise<File> {
    const project = await projectOf(this);
    return checklistTar(project, await systemImages(project));
  }

  /**
   * Checks the hand-off as a platform team would: cfn-lint, registration and deployment against ECS and CloudFormation
   * as moto serves them, and every command of docs/deploy-ecs.md. Never cached.
   *
   * Fails with MS-PIPE-003 and the last lines of what was refused.
   */
  @func({ cache: "never" })
  async handoff(
    /** images.json of a publication; without it the images have made-up digests, and nothing is built. */
    images?: File,
  ): Promise<string> {
    return validateHandOff(await projectOf(this), await givenImages(images));
  }

  /** Starts the system as `stack` does and enters its gateway with the token that is shown, or MS-PIPE-007. Never cached. */
  @func({ cache: "never" })
  async stack(): Promise<string> {
    return checkStack(await projectOf(this));
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
    /** Images, separated by commas, or all. */
    images: string = "mcp-gateway",
    /** How many builds without cache; they are also compared with the one that is published. */
    builds: number = 2,
  ): Promise<string> {
    return compareBuilds(await projectOf(this), images, builds);
  }

  /**
   * Makes the bases of node and Rust like the public ones where stand-ins are milder (no certificates, rustup's minimal
   * profile), and expects the same gateway, a formatter and a linter. MS-PIPE-016 when not. Never cached.
   */
  @func({ cache: "never" })
  async publicBases(): Promise<string> {
    return checkPublicBases(await projectOf(this));
  }

  /**
   * Builds all images for linux/amd64 and linux/arm64, publishes them to the registry inside the graph, reads the indexes
   * back, and runs the programs for the other processor under emulation. Its first run takes long. Never cached.
   *
   * Fails with MS-PIPE-010 when a part cannot be had, MS-ECR-013 for another index, MS-PIPE-001 for a program.
   */
  @func({ cache: "never" })
  async platforms(): Promise<string> {
    return checkPlatforms(await projectOf(this));
  }
}

function projectOf({ source, commit }: Checks): Promise<Project> {
  return Project.load(source, JSON.parse(commit) as Commit);
}
