import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StepContext } from "../engine/step.ts";
import { NEWEST } from "./layer.ts";

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PROXIES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];
// A mount namespace of its own takes the mount away with the program, however that ends.
const ENTER = 'root=$1; shift; mount -t proc proc "$root/proc"; exec env -i "$@"';

/** A file tree that becomes an image: Debian's base with more in it. */
export class Root {
  readonly dir: string;
  readonly #ctx: StepContext;

  constructor(ctx: StepContext, dir: string) {
    this.#ctx = ctx;
    this.dir = dir;
  }

  /** A fresh copy of another tree at `dir`; what was there is gone. */
  static async copy(ctx: StepContext, from: string, dir: string): Promise<Root> {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dirname(dir), { recursive: true });
    await ctx.run("cp", ["--archive", "--reflink=auto", from, dir]);
    return new Root(ctx, dir);
  }

  /** Run a shell script as root inside the tree, with the machine's network. */
  async run(script: string): Promise<void> {
    for (const name of ["resolv.conf", "hosts"]) {
      if (existsSync(`/etc/${name}`))
        cpSync(`/etc/${name}`, join(this.dir, "etc", name), { dereference: true });
    }
    const proxies = PROXIES.filter((name) => process.env[name]).map((name) => `${name}=${process.env[name]}`);
    const env = [
      `PATH=${PATH}`,
      "HOME=/root",
      "LC_ALL=C.UTF-8",
      "DEBIAN_FRONTEND=noninteractive",
      ...proxies,
    ];
    const inside = [...env, `SOURCE_DATE_EPOCH=${NEWEST}`, "chroot", this.dir, "sh", "-euc", script];
    await this.#ctx.run("unshare", ["--mount", "sh", "-euc", ENTER, "sh", this.dir, ...inside]);
  }

  /** Install Debian packages without what they only recommend. */
  async install(packages: readonly string[]): Promise<void> {
    const install = `apt-get install --yes --quiet=2 --no-install-recommends ${packages.join(" ")}`;
    // The package lists are as old as the base: a package may have been replaced since.
    await this.run(`${install} || { apt-get update --quiet=2; ${install}; }`);
  }

  /** Write a file, with its folders. */
  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }

  /** Copy a file or folder of the machine into the tree; exclusions are tar patterns relative to it. */
  async add(from: string, path: string, exclude: readonly string[] = []): Promise<void> {
    const to = join(this.dir, path);
    mkdirSync(to, { recursive: true });
    const skip = exclude.map((pattern) => `--exclude=${pattern}`);
    const copy =
      'from=$1; to=$2; shift 2; tar -C "$from" --anchored "$@" -cf - . | tar -C "$to" --no-same-owner -xf -';
    await this.#ctx.run("sh", ["-euc", copy, "sh", from, to, ...skip]);
  }

  /** Remove the tree. */
  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
