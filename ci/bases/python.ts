import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { referenceOf } from "./versions.ts";

/** Debian's Python with pip and venv under the names that the public image has. */
export async function python(): Promise<Recipe> {
  const reference = referenceOf("python");
  return {
    name: "python",
    references: [reference],
    version: reference.version,
    onDebian: true,
    inputs: {},
    config: { Env: [`PATH=${DEFAULT_PATH}`, "LANG=C.UTF-8"], Cmd: ["python3"] },
    build: (work) => build(work, reference.version),
  };
}

async function build({ ctx, debian, scratch, layer }: Workplace, line: string): Promise<void> {
  const root = await Root.copy(ctx, debian, join(scratch, "root"));
  await root.install(["python3", "python3-pip", "python3-venv"]);
  for (const name of ["python", "pip"])
    symlinkSync(`/usr/bin/${name}3`, join(root.dir, "usr/local/bin", name));
  // In the public image pip may install anywhere: there is no distribution to protect.
  rmSync(join(root.dir, `usr/lib/python${line}/EXTERNALLY-MANAGED`));
  // Compiled files that carry their source's time would go stale where the layer changes that time.
  await root.run(
    `python${line} -m compileall -q --invalidation-mode unchecked-hash -f /usr/lib/python3 /usr/lib/python${line}; pip --version`,
  );
  await writeLayer(ctx, root.dir, layer, debian);
}
