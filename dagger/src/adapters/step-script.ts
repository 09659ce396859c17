/** Scripts of dagger/steps, which run inside of containers. */
import { readFileSync } from "node:fs";
import { type Directory, dag } from "@dagger.io/dagger";

/** A directory that holds the named scripts. Their text is the cache key, not the module they come from. */
export function stepScripts(...names: string[]): Directory {
  return names.reduce(
    (directory, name) => directory.withNewFile(name, readStep(name), { permissions: 0o755 }),
    dag.directory(),
  );
}

function readStep(name: string): string {
  return readFileSync(new URL(`../../steps/${name}`, import.meta.url), "utf8");
}
