import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BaseError } from "./base-error.ts";
import { writeLayer } from "./layer.ts";
import { DEFAULT_PATH, type Recipe, type Workplace } from "./recipe.ts";
import { Root } from "./root.ts";
import { isOfLine, npmPackage, parseReference, referenceOf } from "./versions.ts";

const ENTRYPOINT = readFileSync(new URL("node/docker-entrypoint.sh", import.meta.url), "utf8");
const APK = readFileSync(new URL("node/apk", import.meta.url), "utf8");
const MODULES = "usr/local/lib/node_modules";
// npm brings certificates of its own; the machine's, which the engine installs, are in this file.
const NPMRC = "cafile=/etc/ssl/certs/ca-certificates.crt\n";
/** The commands that npm packages put on the PATH, with their file inside the package. */
const COMMANDS: Record<string, string> = {
  npm: "npm/bin/npm-cli.js",
  npx: "npm/bin/npx-cli.js",
  corepack: "corepack/dist/corepack.js",
};

/** Node.js from its npm package, with npm, npx and corepack. */
export async function node(): Promise<Recipe> {
  const reference = referenceOf("node");
  const { version } = npmPackage("node");
  if (!isOfLine(version, reference.version)) {
    throw new BaseError("MS-BASE-005", `${reference.text} cannot hold node ${version}`);
  }
  // Dagger's own TypeScript runtime asks for this name.
  const alpine = parseReference(`${reference.repository}:${reference.version}-alpine`);
  return {
    name: "node",
    references: [reference, alpine],
    version,
    onDebian: true,
    inputs: { packages: packages(), ENTRYPOINT, APK },
    config: {
      Env: [`PATH=${DEFAULT_PATH}`, `NODE_VERSION=${version}`],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node"],
    },
    build,
  };
}

function packages(): string[] {
  return ["node", "npm", "corepack"].map((name) => {
    const { package: id, version } = npmPackage(name);
    return `${id}@${version}`;
  });
}

async function build(work: Workplace): Promise<void> {
  const [runtime, ...managers] = packages();
  const root = await Root.copy(work.ctx, work.debian, join(work.scratch, "root"));
  const unpacked = join(work.scratch, "packages");
  await unpack(work, runtime ?? "", join(unpacked, "runtime"));
  await root.add(join(unpacked, "runtime/bin"), "usr/local/bin");
  for (const id of managers) {
    const name = id.split("@")[0] ?? "";
    await unpack(work, id, join(unpacked, name));
    await root.add(join(unpacked, name), `${MODULES}/${name}`, ["./docs", "./man"]);
  }
  for (const [command, file] of Object.entries(COMMANDS)) {
    symlinkSync(`../lib/node_modules/${file}`, join(root.dir, "usr/local/bin", command));
  }
  symlinkSync("node", join(root.dir, "usr/local/bin/nodejs"));
  root.write("usr/local/bin/docker-entrypoint.sh", ENTRYPOINT, 0o755);
  root.write("usr/local/bin/apk", APK, 0o755);
  root.write("usr/local/etc/npmrc", NPMRC);
  await root.run(
    "groupadd --gid 1000 node; useradd --uid 1000 --gid node --shell /bin/bash --create-home node",
  );
  await root.run("node --version; npm --version; npx --version; corepack --version");
  await writeLayer(work.ctx, root.dir, work.layer, work.debian);
}

/** Fetch an npm package, which npm verifies, and unpack it. */
async function unpack(work: Workplace, id: string, to: string): Promise<void> {
  await work.ctx.run("mkdir", ["--parents", to]);
  const printed = await work.ctx.run("npm", ["pack", "--silent", "--pack-destination", work.scratch, id]);
  const archive = join(work.scratch, printed.trim().split("\n").pop() ?? "");
  await work.ctx.run("tar", ["--directory", to, "--strip-components=1", "--no-same-owner", "-xzf", archive]);
}
