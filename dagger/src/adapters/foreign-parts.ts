/** What images of another platform are made of and what we do not make ourselves: looked for before anything is built. */
import { explained, PipelineError } from "../errors.ts";
import { machineOf } from "../spec/platform.ts";
import type { ImageOptions } from "./build-images.ts";
import { nodeProgram } from "./build-node.ts";
import { operatorDebian } from "./build-tools.ts";
import { claudeCli, slimDebian } from "./build-worker.ts";
import type { Project } from "./project.ts";
import { rustToolchainFor } from "./toolchains.ts";

/**
 * Gets every part; the build finds them in the cache.
 *
 * @throws PipelineError MS-PIPE-010 naming the first that cannot be had
 */
export async function checkForeignParts(project: Project, { workerBase }: ImageOptions): Promise<void> {
  const parts: [string, () => Promise<unknown>][] = [
    ["the Rust compiler's library", () => rustToolchainFor(project).sync()],
    ["node", () => nodeProgram(project).sync()],
    ["the Claude CLI", () => claudeCli(project).sync()],
    ["the Debian packages of tools", () => operatorDebian(project).sync()],
    workerBase
      ? [workerBase, () => checkBase(project, workerBase)]
      : ["the Debian packages of claude-worker", () => slimDebian(project).sync()],
  ];
  const { platform } = project;
  await Promise.all(
    parts.map(([name, get]) => explained("MS-PIPE-010", `${name} for ${platform.name}`, get)),
  );
}

// A reference without that platform may still give an image: the one that it has.
async function checkBase(project: Project, reference: string): Promise<void> {
  const { platform } = project;
  const found = await project
    .base("debian")
    .withMountedDirectory("/in", project.scratch().from(reference).rootfs())
    .withExec(["od", "-An", "-tx1", "-N20", "/in/bin/sh"])
    .stdout();
  const machine = machineOf(found);
  if (machine !== platform.machine)
    throw new PipelineError(
      "MS-PIPE-010",
      `${reference} is an image for ${machine}, not for ${platform.name}`,
    );
}
