import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../engine/run-command.ts";
import { BaseError } from "./base-error.ts";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { isOfLine, referenceOf } from "./versions.ts";

const TARGET = "x86_64-unknown-linux-gnu";
const PROGRAMS = ["rustc", "rustdoc", "cargo", "cargo-clippy", "clippy-driver", "cargo-fmt", "rustfmt"];
/** Everything else in a toolchain's folder is documentation, sources and debugger helpers. */
const NOT_SHIPPED = ["./share", "./etc", "./lib/rustlib/src", "./bin/rust-*", "./lib/rustlib/install.log"];
const CARGO_HOME = "/usr/local/cargo";
const RUSTUP_HOME = "/usr/local/rustup";

interface Toolchain {
  version: string;
  dir: string;
}

/** The machine's Rust toolchain on Debian, with what linking needs. Without rustup: there is this one toolchain. */
export async function rust(): Promise<Recipe> {
  const reference = referenceOf("rust");
  const toolchain = await findToolchain(reference.version);
  return {
    name: "rust",
    references: [reference],
    version: toolchain.version,
    onDebian: true,
    inputs: toolchain,
    config: {
      Env: [
        `RUSTUP_HOME=${RUSTUP_HOME}`,
        `CARGO_HOME=${CARGO_HOME}`,
        `PATH=${CARGO_HOME}/bin:${DEFAULT_PATH}`,
        `RUST_VERSION=${toolchain.version}`,
      ],
      Cmd: ["bash"],
    },
    build: (work) => build(work, toolchain),
  };
}

/** The toolchain that `rustc` is, or another one of rustup's. */
async function findToolchain(line: string): Promise<Toolchain> {
  const seen: string[] = [];
  for (const [program, ...first] of [["rustc"], ["rustup", "run", line, "rustc"]]) {
    const ask = async (...args: string[]) =>
      (await runCommand(program ?? "", [...first, ...args], { cwd: "/" })).stdout.trim();
    const version = (await ask("--version")).split(" ")[1];
    if (version === undefined) continue;
    const dir = await ask("--print", "sysroot");
    const missing = PROGRAMS.filter((name) => !existsSync(join(dir, "bin", name)));
    if (isOfLine(version, line) && missing.length === 0) return { version, dir };
    seen.push(missing.length === 0 ? version : `${version} without ${missing.join(" ")}`);
  }
  throw new BaseError("MS-BASE-002", `the machine has no Rust ${line}; found: ${seen.join(", ") || "none"}`);
}

async function build(work: Workplace, { version, dir }: Toolchain): Promise<void> {
  const { ctx, debian, scratch, layer } = work;
  const root = await Root.copy(ctx, debian, join(scratch, "root"));
  await root.install(["gcc", "libc6-dev", "pkg-config"]);
  const home = `${RUSTUP_HOME}/toolchains/${version}-${TARGET}`;
  await root.add(dir, home, NOT_SHIPPED);
  const bin = join(root.dir, CARGO_HOME, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of PROGRAMS) symlinkSync(`${home}/bin/${name}`, join(bin, name));
  // As in the public image, where any user may fill cargo's home.
  await root.run(
    `chmod -R a+rw ${CARGO_HOME}; for name in ${PROGRAMS.join(" ")}; do ${CARGO_HOME}/bin/$name --version; done`,
  );
  await writeLayer(ctx, root.dir, layer, debian);
}
