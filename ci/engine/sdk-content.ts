/** The SDKs that the engine carries inside, as an OCI layout: Go, and a runtime of ours for TypeScript modules. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { debianRootfs } from "./debian-rootfs.ts";
import { binaryPath } from "./engine-binaries.ts";
import { hashFiles } from "./fingerprint.ts";
import { tarTree } from "./image-layer.ts";
import { writeOciImage } from "./oci-layout.ts";
import { runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";
import { type StepContext, step } from "./step.ts";

const SOURCE = fileURLToPath(new URL("sdk-typescript", import.meta.url));
const PACKAGES = ["ca-certificates", "git", "openssh-client"];
const GO_CONFIG = {
  Env: [
    "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "GOPATH=/go",
    "GOTOOLCHAIN=local",
  ],
};

/** Where the content lies, and the environment that tells the engine which image is which SDK. */
export interface SdkContent {
  directory: string;
  env: Record<string, string>;
}

/** Builds the content. */
export async function buildSdkContent(): Promise<SdkContent> {
  const goRoot = (await runCommand("go", ["env", "GOROOT"])).stdout.trim();
  const goVersion = (await runCommand("go", ["env", "GOVERSION"])).stdout.trim();
  const directory = statePath("content", "sdk");
  const rootfs = await debianRootfs("go-sdk", PACKAGES);
  const inputs = {
    goVersion,
    GO_CONFIG,
    PACKAGES,
    source: hashFiles([SOURCE]),
    codegen: statSync(binaryPath("codegen")).mtimeMs,
  };
  await step("sdk-content", inputs, [`${directory}/index.json`], async (context) => {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    await buildGoSdk(context, rootfs, goRoot, directory);
    await buildTypescriptSdk(context, directory);
  });
  return { directory, env: environment(directory) };
}

/** The engine finds an SDK by the digest in its environment. */
function environment(directory: string): Record<string, string> {
  const index = JSON.parse(readFileSync(`${directory}/index.json`, "utf8")) as {
    manifests: { digest: string; annotations: Record<string, string> }[];
  };
  return Object.fromEntries(
    index.manifests.map((manifest) => [
      `DAGGER_${manifest.annotations["org.opencontainers.image.ref.name"]?.toUpperCase()}_SDK_MANIFEST_DIGEST`,
      manifest.digest,
    ]),
  );
}

async function buildGoSdk(
  context: StepContext,
  rootfs: string,
  goRoot: string,
  content: string,
): Promise<void> {
  const tree = statePath("work", "go-sdk");
  rmSync(tree, { recursive: true, force: true });
  for (const path of ["usr/local/bin", "go/pkg/mod", "root/.cache/go-build"])
    mkdirSync(`${tree}/${path}`, { recursive: true });
  await context.run("cp", ["-a", goRoot, `${tree}/usr/local/go`]);
  for (const path of ["test", "doc", "api"])
    rmSync(`${tree}/usr/local/go/${path}`, { recursive: true, force: true });
  copyFileSync(binaryPath("codegen"), `${tree}/usr/local/bin/codegen`);
  await addImage(context, { name: "go", tree, below: [rootfs], config: GO_CONFIG, content });
}

async function buildTypescriptSdk(context: StepContext, content: string): Promise<void> {
  const tree = statePath("work", "typescript-sdk");
  rmSync(tree, { recursive: true, force: true });
  await context.run("cp", ["-a", `${SOURCE}/.`, tree]);
  const sdk = `${tree}/sdk`;
  await context.run("npm", ["ci", "--omit=dev", "--workspaces=false", "--no-audit", "--no-fund"], {
    cwd: sdk,
  });
  // The introspector reads the API's classes from a file of this name; the package ships their declarations.
  copyFileSync(`${sdk}/node_modules/@dagger.io/dagger/dist/src/api/client.gen.d.ts`, `${sdk}/client.gen.ts`);
  await addImage(context, { name: "typescript", tree, below: [], config: {}, content });
}

interface SdkImage {
  name: string;
  tree: string;
  below: string[];
  config: object;
  content: string;
}

/** Adds an image to the layout; two layouts are one when they share blobs and index. */
async function addImage(context: StepContext, image: SdkImage): Promise<void> {
  const layer = `${image.tree}.tar`;
  const layout = `${image.tree}.oci`;
  await tarTree(context, image.tree, layer);
  await writeOciImage({
    dir: layout,
    layers: [...image.below, layer],
    config: image.config,
    tag: image.name,
  });
  await context.run("skopeo", [
    "copy",
    "--quiet",
    `oci:${layout}:${image.name}`,
    `oci:${image.content}:${image.name}`,
  ]);
  for (const path of [layer, layout, image.tree]) if (existsSync(path)) rmSync(path, { recursive: true });
}
