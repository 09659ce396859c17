import { join } from "node:path";
import { BaseError } from "./base-error.ts";
import { hostGo } from "./host-go.ts";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { isOfLine, referenceOf } from "./versions.ts";

/** Parts of a toolchain that only its own developers use. */
const NOT_SHIPPED = ["./test", "./api", "./doc", "./pkg/obj"];

/** The machine's Go toolchain on Debian, with git; without a C compiler. */
export async function golang(): Promise<Recipe> {
  const reference = referenceOf("golang");
  const go = await hostGo();
  if (!isOfLine(go.version, reference.version)) {
    throw new BaseError("MS-BASE-003", `${reference.text} cannot hold the machine's Go ${go.version}`);
  }
  const settings = Object.entries(go.settings).map(([name, value]) => `${name}=${value}`);
  return {
    name: "golang",
    references: [reference],
    version: go.version,
    onDebian: true,
    inputs: go,
    config: {
      Env: [
        `PATH=/go/bin:/usr/local/go/bin:${DEFAULT_PATH}`,
        `GOLANG_VERSION=${go.version}`,
        "GOTOOLCHAIN=local",
        "GOPATH=/go",
        ...settings,
      ],
      Cmd: ["bash"],
      WorkingDir: "/go",
    },
    build: (work) => build(work, go.root),
  };
}

async function build({ ctx, debian, scratch, layer }: Workplace, toolchain: string): Promise<void> {
  const root = await Root.copy(ctx, debian, join(scratch, "root"));
  await root.install(["git"]);
  await root.add(toolchain, "usr/local/go", NOT_SHIPPED);
  await root.run("mkdir --parents --mode=1777 /go /go/src /go/bin; /usr/local/go/bin/go version");
  await writeLayer(ctx, root.dir, layer, debian);
}
