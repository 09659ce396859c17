/** The SDKs that the engine carries inside: images in an OCI layout, named to it by their digests. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianRootfs } from "./debian-rootfs.ts";
import { BINARIES_MODULE, binaryPath } from "./engine-binaries.ts";
import { hashFiles } from "./fingerprint.ts";
import { goBuildEnvironment } from "./go-toolchain.ts";
import { packLayer } from "./layer-tar.ts";
import { writeOciImage } from "./oci-layout.ts";
import { runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";
import { type StepContext, step } from "./step.ts";

const SOURCES = fileURLToPath(new URL("sdk-typescript", import.meta.url));
const GO_PACKAGES = ["ca-certificates", "git", "openssh-client"];
/** Parts of Go's tree that no build reads. */
const GO_LEFT_OUT = ["./api", "./doc", "./test", "./pkg/obj"];
/** Both entries share their chunks: the classes of the client are the same, wherever they are imported from. */
const BUNDLE = [
  "core=node_modules/@dagger.io/dagger/dist/src/index.js",
  "client=node_modules/@dagger.io/dagger/dist/src/api/client.gen.js",
  ...["--bundle", "--splitting", "--platform=node", "--format=esm", "--target=node20", "--outdir=."],
  "--external:typescript",
  // What was CommonJS asks for its modules in its own way.
  '--banner:js=import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
];

/** Where the content is, and the manifests' digests by the environment variable that carries each to the engine. */
export interface SdkContent {
  folder: string;
  digests: Record<string, string>;
}

/** Build the Debian part of the Go SDK; it needs none of our binaries. */
export function goSdkRootfs(): Promise<string> {
  return debianRootfs("go-sdk", GO_PACKAGES);
}

/**
 * Build both SDKs and put them into one layout.
 *
 * @param goRootfs tar of the Go SDK's Debian part
 * @param programs fingerprint of the built binaries, of which the code generator is one
 */
export async function buildSdkContent(goRootfs: string, programs: string): Promise<SdkContent> {
  const [go, typescript] = await Promise.all([buildGoSdk(goRootfs, programs), buildTypescriptSdk()]);
  const folder = statePath("content");
  const digests = {
    DAGGER_GO_SDK_MANIFEST_DIGEST: digestOf(go),
    DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST: digestOf(typescript),
  };
  await step("sdk-content", digests, [folder], async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const layout of [go, typescript])
      cpSync(join(layout, "blobs"), join(folder, "blobs"), { recursive: true });
    const manifests = [go, typescript].flatMap((layout) => indexOf(layout).manifests);
    writeFileSync(join(folder, "oci-layout"), readFileSync(join(go, "oci-layout")));
    writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
  });
  return { folder, digests };
}

/** The Go SDK: Debian, the host's Go toolchain and Dagger's code generator. */
async function buildGoSdk(rootfs: string, programs: string): Promise<string> {
  const layout = statePath("sdk-go");
  const [version, goRoot, proxy, sumDb] = await goEnv("GOVERSION", "GOROOT", "GOPROXY", "GOSUMDB");
  const Env = [
    "PATH=/usr/local/go/bin:/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "GOPATH=/go",
    "GOTOOLCHAIN=local",
    `GOPROXY=${proxy}`,
    `GOSUMDB=${sumDb}`,
  ];
  await step("sdk-go", { version, goRoot, Env, programs, GO_PACKAGES }, [layout], async ({ run }) => {
    const toolchain = statePath("scratch", "sdk-go-toolchain.tar");
    await packLayer(run, goRoot, toolchain, { below: "usr/local/go", exclude: GO_LEFT_OUT });
    const tree = statePath("scratch", "sdk-go");
    rmSync(tree, { recursive: true, force: true });
    for (const path of ["usr/local/bin", "go/pkg/mod", "root/.cache/go-build"])
      mkdirSync(join(tree, path), { recursive: true });
    cpSync(binaryPath("codegen"), join(tree, "usr/local/bin/codegen"));
    await packLayer(run, tree, `${tree}.tar`);
    const layers = [rootfs, toolchain, `${tree}.tar`];
    await writeOciImage({ dir: layout, layers, config: { Env }, tag: "go" });
    for (const path of [toolchain, tree, `${tree}.tar`]) rmSync(path, { recursive: true });
  });
  return layout;
}

/** The TypeScript SDK: a Dagger module in Go that makes the runtime, and what that runtime is filled with. */
async function buildTypescriptSdk(): Promise<string> {
  const layout = statePath("sdk-typescript");
  await step("sdk-typescript", { sources: hashFiles([SOURCES]), BUNDLE }, [layout], async (ctx) => {
    const tree = statePath("scratch", "sdk-typescript");
    await fillTypescriptSdk(ctx, tree);
    await packLayer(ctx.run, tree, `${tree}.tar`);
    await writeOciImage({ dir: layout, layers: [`${tree}.tar`], config: {}, tag: "typescript" });
    for (const path of [tree, `${tree}.tar`]) rmSync(path, { recursive: true });
  });
  return layout;
}

/**
 * Lays out what the runtime mounts: the SDK as one bundle that leaves TypeScript out, as the stock SDK is made, so that a
 * module without it is refused; the program that runs TypeScript; and TypeScript for modules that ask for just that one.
 */
async function fillTypescriptSdk({ run }: StepContext, tree: string): Promise<void> {
  rmSync(tree, { recursive: true, force: true });
  cpSync(SOURCES, tree, { recursive: true, filter: (path) => !path.includes("node_modules") });
  const [library, tsx] = [join(tree, "library"), join(tree, "tsx")];
  for (const cwd of [library, tsx])
    await run("npm", ["ci", "--omit=dev", "--no-audit", "--no-fund"], { cwd });
  await run(join(tsx, "node_modules/.bin/esbuild"), BUNDLE, { cwd: library });
  const sdk = join(library, "node_modules/@dagger.io/dagger/dist/src");
  cpSync(sdk, join(library, "types"), { recursive: true, filter: isFolderOrTypes });
  // The introspector looks the API's classes up in a file of this name.
  cpSync(join(sdk, "api/client.gen.d.ts"), join(library, "client.gen.ts"));
  renameSync(join(library, "node_modules/typescript"), join(tree, "typescript"));
  renameSync(join(tsx, "node_modules"), join(tree, "programs"));
  for (const path of ["library/node_modules", "tsx"]) rmSync(join(tree, path), { recursive: true });
}

function isFolderOrTypes(path: string): boolean {
  return statSync(path).isDirectory() || path.endsWith(".d.ts");
}

/** Of the toolchain that builds the binaries: where go.mod asks for a newer one, that is not the one on the PATH. */
async function goEnv(...names: string[]): Promise<[string, string, string, string]> {
  const { stdout } = await runCommand("go", ["env", ...names], {
    cwd: BINARIES_MODULE,
    env: goBuildEnvironment(),
  });
  const [a = "", b = "", c = "", d = ""] = stdout.split("\n");
  return [a, b, c, d];
}

function indexOf(layout: string): { manifests: { digest: string }[] } {
  return JSON.parse(readFileSync(join(layout, "index.json"), "utf8"));
}

function digestOf(layout: string): string {
  return indexOf(layout).manifests[0]?.digest ?? "";
}
