import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, setOf, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { referenceOf } from "./versions.ts";

const CONFIG = readFileSync(new URL("registry/config.yml", import.meta.url), "utf8");
const ENTRYPOINT = readFileSync(new URL("registry/entrypoint.sh", import.meta.url), "utf8");

/** Debian's docker-registry with the paths and the open configuration of the public image. */
export async function registry(): Promise<Recipe> {
  const reference = referenceOf("registry");
  return {
    name: "registry",
    references: [reference],
    version: reference.version,
    onDebian: true,
    inputs: {},
    config: {
      Env: [`PATH=${DEFAULT_PATH}`],
      Entrypoint: ["/entrypoint.sh"],
      Cmd: ["/etc/docker/registry/config.yml"],
      ExposedPorts: setOf("5000/tcp"),
      Volumes: setOf("/var/lib/registry"),
    },
    build: (work) => build(work, reference.version),
  };
}

async function build({ ctx, debian, scratch, layer }: Workplace, line: string): Promise<void> {
  const root = await Root.copy(ctx, debian, join(scratch, "root"));
  await root.install(["docker-registry"]);
  symlinkSync("docker-registry", join(root.dir, "usr/bin/registry"));
  root.write("etc/docker/registry/config.yml", CONFIG);
  root.write("entrypoint.sh", ENTRYPOINT, 0o755);
  await root.run(
    `mkdir --parents /var/lib/registry; dpkg-query --show docker-registry | grep --perl-regexp '\\t${line}\\.'`,
  );
  await writeLayer(ctx, root.dir, layer, debian);
}
