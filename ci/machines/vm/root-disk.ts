/** The virtual machine's own disk: Debian with systemd and its Docker, from the host's package sources. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { readHostSources, type SourcesFile, selectSuite } from "../../bases/apt-sources.ts";
import { fingerprint } from "../../engine/fingerprint.ts";
import { statePath } from "../../engine/state.ts";
import { type StepContext, step } from "../../engine/step.ts";
import { makeDisk } from "./disks.ts";

/** Debian 13: cgroup version 2 and Docker 26. */
const RELEASE = "trixie";
const PACKAGES = [
  ...["systemd-sysv", "udev", "kmod", "linux-image-cloud-amd64", "initramfs-tools", "zstd"],
  ...["docker.io", "docker-cli", "ca-certificates", "iptables", "busybox-static"],
];
/** For images and layers of Docker. */
const ROOM_MIB = 8192;
const JOB = fileURLToPath(new URL("guest/job.service", import.meta.url));

/** What a machine starts from. */
export interface RootDisk {
  disk: string;
  kernel: string;
  initrd: string;
}

/**
 * Builds the disk, unless it is there.
 *
 * @throws MS-BASE-004 when the host has no sources of Debian
 */
export async function rootDisk(): Promise<RootDisk> {
  const files: RootDisk = {
    disk: statePath("vm", "root.ext4"),
    kernel: statePath("vm", "vmlinuz"),
    initrd: statePath("vm", "initrd.img"),
  };
  const sources = releaseSources(readHostSources(), hostRelease());
  const print = fingerprint({ RELEASE, PACKAGES, ROOM_MIB, job: readFileSync(JOB, "utf8") });
  await step("vm-root-disk", print, Object.values(files), (context) => build(context, files, sources));
  return files;
}

/** The host's sources of its own release, with another release's name in them. */
export function releaseSources(files: readonly SourcesFile[], host: string): SourcesFile[] {
  const named = new RegExp(`\\b${host}\\b`, "g");
  return selectSuite(files, host).map(({ name, text }) => ({ name, text: text.replace(named, RELEASE) }));
}

function hostRelease(): string {
  return /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "";
}

async function build({ run }: StepContext, files: RootDisk, sources: readonly SourcesFile[]): Promise<void> {
  const scratch = mkdtempSync(`${tmpdir()}/ms-vm-`);
  const tree = `${scratch}/root`;
  try {
    const lists = sources.map(({ name, text }) => {
      writeFileSync(`${scratch}/${name}`, text);
      return `${scratch}/${name}`;
    });
    const hooks = [
      `copy-in ${JOB} /etc/systemd/system`,
      'mkdir "$1/data"; echo vm > "$1/etc/hostname"',
      'chroot "$1" systemctl enable job.service',
    ];
    const options = ["--variant=minbase", `--include=${PACKAGES.join(",")}`];
    await run("mmdebstrap", [
      ...options,
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      ...[RELEASE, tree, ...lists],
    ]);
    for (const [prefix, target] of [
      ["vmlinuz-", files.kernel],
      ["initrd.img-", files.initrd],
    ] as const) {
      const name = readdirSync(`${tree}/boot`).find((entry) => entry.startsWith(prefix));
      await run("cp", [`${tree}/boot/${name}`, target]);
    }
    await makeDisk(run, { file: files.disk, label: "root", folder: tree, roomMiB: ROOM_MIB });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
