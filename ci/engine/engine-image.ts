/** The engine's image: Debian, what the engine calls, and our binaries under the names of the stock image. */
import { statSync } from "node:fs";
import { extraCertificates, hostBundle } from "./certificates.ts";
import { debianRootfs } from "./debian-rootfs.ts";
import { binaryPath } from "./engine-binaries.ts";
import { type LayerEntries, writeLayer } from "./image-layer.ts";
import { writeOciImage } from "./oci-layout.ts";
import { runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";
import { step } from "./step.ts";
import { engineImage, standInLabel } from "./versions.ts";

const PACKAGES = [
  "ca-certificates",
  "containernetworking-plugins",
  "dnsmasq-base",
  "git",
  "iptables",
  "nftables",
  "openssh-client",
  "pigz",
  "ripgrep",
  "runc",
  "tini",
];
const CNI = "/opt/cni/bin";
const CNI_PLUGINS = ["bridge", "loopback", "firewall", "host-local"];
const CONFIG = {
  Env: [`PATH=${CNI}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`],
  Entrypoint: ["tini", "--", "dagger-engine", "--oci-cni-binary-dir", CNI],
  Labels: { [standInLabel]: "true", [`${standInLabel}.of`]: engineImage },
};

/** engine.json: docker.io comes from our registry, which speaks plain HTTP. */
function engineJson(registry: string): string {
  return JSON.stringify({ registries: { "docker.io": { mirrors: [registry] }, [registry]: { http: true } } });
}

function entries(registry: string, certificates: string[]): LayerEntries {
  const plugins = CNI_PLUGINS.map((name) => [`${CNI}/${name}`, { link: `/usr/lib/cni/${name}` }] as const);
  const authorities = certificates.map(
    (pem, index) => [`/usr/local/share/ca-certificates/host-${index}.crt`, { text: `${pem}\n` }] as const,
  );
  return {
    "/usr/local/bin/dagger-engine": { copy: binaryPath("engine"), executable: true },
    "/usr/local/bin/dagger-init": { copy: binaryPath("init"), executable: true },
    "/usr/local/bin/dagger": { copy: binaryPath("dagger"), executable: true },
    "/usr/local/bin/runc": { link: "/usr/sbin/runc" },
    "/usr/local/bin/tini": { link: "/usr/bin/tini" },
    "/usr/bin/dial-stdio": { copy: binaryPath("dialstdio"), executable: true },
    "/usr/bin/buildctl": { link: "dial-stdio" },
    [`${CNI}/dnsname`]: { copy: binaryPath("dnsname"), executable: true },
    "/usr/local/share/dagger/content": { directory: true },
    "/etc/dagger/engine.json": { text: engineJson(registry) },
    ...Object.fromEntries([...plugins, ...authorities]),
  };
}

/**
 * Builds the image and loads it into Docker under the stock image's reference.
 *
 * @param registry address of the base-image registry as the engine reaches it
 */
export async function buildEngineImage(registry: string): Promise<void> {
  const rootfs = await debianRootfs("engine", PACKAGES);
  const fresh = await runCommand("tar", ["-xOf", rootfs, "./etc/ssl/certs/ca-certificates.crt"]);
  const certificates = extraCertificates(hostBundle(), fresh.stdout);
  const built = statSync(binaryPath("engine")).mtimeMs;
  const layout = statePath("images", "engine");
  await step(
    "engine-image",
    { PACKAGES, CONFIG, registry, certificates, built },
    [layout],
    async (context) => {
      const layer = statePath("images", "engine-layer.tar");
      await writeLayer(context, entries(registry, certificates), layer);
      await writeOciImage({ dir: layout, layers: [rootfs, layer], config: CONFIG, tag: "engine" });
      await context.run("rm", [layer]);
    },
  );
  await loadIntoDocker(layout);
}

async function loadIntoDocker(layout: string): Promise<void> {
  const present = await runCommand("docker", ["image", "inspect", engineImage]);
  const built = statSync(`${layout}/index.json`).mtimeMs;
  await step("engine-image-loaded", { built, present: present.exitCode }, [], async ({ run }) => {
    await run("skopeo", ["copy", "--quiet", `oci:${layout}:engine`, `docker-daemon:${engineImage}`]);
  });
}
