/**
 * Builds, tests and publishes the images of MisterSmith: supervisor, claude-worker, mcp-gateway and tools.
 *
 * Start with `dagger call build`; `dagger call report export --path out/report` does everything and writes a report.
 */
import { argument, type Container, type Directory, func, object } from "@dagger.io/dagger";
import { buildAll, buildImage } from "./adapters/build-images.ts";
import { Project } from "./adapters/project.ts";
import { PipelineError } from "./errors.ts";
import { sizesTable, tooLarge } from "./text/sizes.ts";

/** Builds, tests and publishes the images of MisterSmith. */
@object()
export class Mistersmith {
  source: Directory;

  constructor(
    /** The checkout; without it the directory of dagger.json. */
    @argument({
      defaultPath: "/",
      ignore: ["**/node_modules", "**/target", "**/dist", ".git", "out", "dagger/sdk", "**/*.log", ".env"],
    })
    source: Directory,
  ) {
    this.source = source;
  }

  /**
   * Builds the four images at the same time and shows their sizes against their budgets.
   *
   * Fails with MS-PIPE-001 and the compiler's last lines, or MS-PIPE-006 when an image is too large.
   */
  @func()
  async build(
    /** Base image of the claude-worker, for example ubuntu:22.04; without it a slim Debian. */
    workerBase?: string,
  ): Promise<string> {
    const images = await buildAll(await Project.load(this.source), workerBase ? { workerBase } : {});
    const table = sizesTable(images);
    const large = tooLarge(images).map(({ spec }) => spec.name);
    if (large.length > 0) throw new PipelineError("MS-PIPE-006", `too large: ${large.join(", ")}`, table);
    return table;
  }

  /** Builds one image and returns it, for example to look inside: `dagger call image --name tools terminal`. */
  @func()
  async image(
    /** supervisor, claude-worker, mcp-gateway or tools. */
    name: string,
    /** Base image of the claude-worker; without it a slim Debian. */
    workerBase?: string,
  ): Promise<Container> {
    return buildImage(await Project.load(this.source), name, workerBase ? { workerBase } : {});
  }
}
