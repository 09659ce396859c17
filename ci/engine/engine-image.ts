/** The engine's image: the same programs at the same places as the stock one, on Debian. */
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { debianRootfs } from "./debian-rootfs.ts";
import { type Binary, binaryPath } from "./engine-binaries.ts";
import { fingerprint, hashFiles } from "./fingerprint.ts";
import { packLayer } from "./layer-tar.ts";
import { type ImageConfig, writeOciImage } from "./oci-layout.ts";
import { statePath } from "./state.ts";
import { type StepContext, step } from "./step.ts";
import { fingerprintLabel, standInLabel } from "./versions.ts";

const PACKAGES = [
  "ca-certificates",
  "runc",
  "tini",
  "containernetworking-plugins",
  "dnsmasq-base",
  "nftables",
  "iptables",
  "git",
  "openssh-client",
  "pigz",
  "ripgrep",
];
const PROGRAMS: Readonly<Partial<Record<Binary, string>>> = {
  dagger: "usr/local/bin/dagger",
  engine: "usr/local/bin/dagger-engine",
  init: "usr/local/bin/dagger-init",
  dialstdio: "usr/bin/dial-stdio",
  dnsname: "opt/cni/bin/dnsname",
};
const LINKS: Readonly<Record<string, string>> = {
  "usr/local/bin/runc": "/usr/sbin/runc",
  "usr/local/bin/tini": "/usr/bin/tini",
  // The dagger command asks for buildkit's name.
  "usr/bin/buildctl": "dial-stdio",
  ...Object.fromEntries(
    ["bridge", "loopback", "firewall", "host-local"].map((name) => [
      `opt/cni/bin/${name}`,
      `/usr/lib/cni/${name}`,
    ]),
  ),
};
const ENTRYPOINT = fileURLToPath(new URL("engine-entrypoint.sh", import.meta.url));
const CONFIG = {
  Env: ["PATH=/opt/cni/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  Entrypoint: ["engine-entrypoint"],
} satisfies ImageConfig;

/** An image as an OCI layout whose tag is `engine`; its label carries the fingerprint. */
export interface EngineImage {
  layout: string;
  print: string;
}

/** Build the Debian part; it needs none of our binaries, so it can go beside their build. */
export function engineRootfs(): Promise<string> {
  return debianRootfs("engine", PACKAGES);
}

/**
 * Build the image.
 *
 * @param rootfs tar of the Debian part
 * @param programs fingerprint of the built binaries
 */
export async function buildEngineImage(rootfs: string, programs: string): Promise<EngineImage> {
  const layout = statePath("engine-image");
  const print = fingerprint({
    PACKAGES,
    PROGRAMS,
    LINKS,
    CONFIG,
    programs,
    entrypoint: hashFiles([ENTRYPOINT]),
  });
  await step("engine-image", print, [layout], async (ctx) => {
    const layer = await programsLayer(ctx);
    const config = { ...CONFIG, Labels: { [standInLabel]: "true", [fingerprintLabel]: print } };
    await writeOciImage({ dir: layout, layers: [rootfs, layer], config, tag: "engine" });
    rmSync(layer);
  });
  return { layout, print };
}

async function programsLayer({ run }: StepContext): Promise<string> {
  const tree = statePath("scratch", "engine");
  rmSync(tree, { recursive: true, force: true });
  const place = (path: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    return join(tree, path);
  };
  for (const [name, path] of Object.entries(PROGRAMS)) copyFileSync(binaryPath(name as Binary), place(path));
  for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, place(path));
  const entrypoint = place("usr/local/bin/engine-entrypoint");
  copyFileSync(ENTRYPOINT, entrypoint);
  // Whatever the umask of the checkout was.
  chmodSync(entrypoint, 0o755);
  await packLayer(run, tree, `${tree}.tar`);
  rmSync(tree, { recursive: true });
  return `${tree}.tar`;
}
