import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goBuildEnvironment } from "../engine/go-toolchain.ts";
import { BaseError } from "./base-error.ts";
import { hostGo } from "./host-go.ts";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, setOf, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { goModule, isOfLine, referenceOf } from "./versions.ts";

const FOLDER = fileURLToPath(new URL("nats", import.meta.url));

/** The NATS server, static and alone, built from its Go module. */
export async function nats(): Promise<Recipe> {
  const reference = referenceOf("nats");
  const { module, version } = goModule("nats-server");
  const required = readFileSync(join(FOLDER, "go.mod"), "utf8").includes(`${module} ${version} `);
  if (!required || !isOfLine(version.slice(1), reference.version)) {
    throw new BaseError(
      "MS-BASE-005",
      `${reference.text}, ${module} ${version} and ci/bases/nats/go.mod disagree`,
    );
  }
  const go = await hostGo();
  return {
    name: "nats",
    references: [reference],
    version: version.slice(1),
    onDebian: false,
    inputs: { go: go.version },
    config: {
      Env: [`PATH=${DEFAULT_PATH}:/`],
      Entrypoint: ["/nats-server"],
      Cmd: ["--config", "nats-server.conf"],
      ExposedPorts: setOf("4222/tcp", "8222/tcp", "6222/tcp"),
    },
    build: (work) => build(work, module),
  };
}

async function build({ ctx, scratch, layer }: Workplace, module: string): Promise<void> {
  const root = new Root(ctx, join(scratch, "root"));
  root.write("nats-server.conf", readFileSync(join(FOLDER, "nats-server.conf"), "utf8"));
  const program = join(scratch, "nats-server");
  // An image on nothing but a kernel: the program must bring its libc and resolver along.
  const env = { ...goBuildEnvironment(), CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false" };
  await ctx.run("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", program, module], {
    cwd: FOLDER,
    env,
  });
  copyFileSync(program, join(root.dir, "nats-server"));
  await writeLayer(ctx, root.dir, layer);
}
