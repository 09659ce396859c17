/** Files with secret values, made so that no argument of the engine, and so no log, trace or cache key, holds a value. */
import { posix } from "node:path";
import { type Directory, dag } from "@dagger.io/dagger";
import type { Project } from "./project.ts";

/** One file. */
export interface SecretFile {
  /** Relative to the directory that is made. */
  path: string;
  content: string;
  mode: number;
}

const PRIVATE_DIRECTORY = "700";

/**
 * A directory with these files; the folders in it are closed to others. A step copies them from mounted secrets.
 *
 * @param nonce sets these secrets apart from another run's
 */
export function secretFiles(project: Project, files: readonly SecretFile[], nonce: string): Directory {
  const folders = new Set(files.map(({ path }) => posix.dirname(path)).filter((folder) => folder !== "."));
  const commands = [
    "mkdir /out",
    ...[...folders].map((folder) => `mkdir -p -m ${PRIVATE_DIRECTORY} /out/${folder}`),
    ...files.map(({ path, mode }, index) => `install -m ${mode.toString(8)} /in/${index} /out/${path}`),
  ];
  return files
    .reduce(
      (container, { path, content }, index) =>
        container.withMountedSecret(`/in/${index}`, dag.setSecret(`${path}-${nonce}`, content)),
      project.base("node"),
    )
    .withExec(["sh", "-ec", commands.join("\n")])
    .directory("/out");
}
