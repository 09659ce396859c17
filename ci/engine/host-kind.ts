/** The kind of machine: whether the stand-in engine can be built here, and who runs Docker's daemon. */
import { existsSync, readFileSync } from "node:fs";
import { RELEASE } from "./debian-rootfs.ts";
import { installedHere } from "./host-packages.ts";

/** What the decision to build needs to know. */
export interface HostKind {
  platform: string;
  arch: string;
  /** User id; undefined where there is none. */
  uid: number | undefined;
  /** Content of /etc/os-release; empty where there is none. */
  osRelease: string;
  hasApt: boolean;
}

/** Why the stand-in cannot be built on such a machine; undefined when it can. */
export function whyNoStandIn({ platform, arch, uid, osRelease, hasApt }: HostKind): string | undefined {
  const id = field(osRelease, "ID");
  const release = field(osRelease, "VERSION_CODENAME");
  const isRight = platform === "linux" && arch === "x64" && id === "debian" && release === RELEASE && hasApt;
  if (isRight && uid === 0) return undefined;
  const system = [id || platform, release || field(osRelease, "VERSION_ID"), arch].filter(Boolean).join(" ");
  const user = uid === 0 ? "root" : `user ${uid}`;
  return `an engine is built only by root on Debian ${RELEASE} x64 with apt-get; this is ${user} on ${system}`;
}

/** The same of this machine. */
export function whyNoStandInHere(): string | undefined {
  return whyNoStandIn({
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.(),
    osRelease: existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "",
    hasApt: existsSync("/usr/bin/apt-get"),
  });
}

/** What tells who would start Docker's daemon. */
export interface InitSystem {
  /** Whether systemd runs, as sd_booted(3) asks. */
  systemd: boolean;
  /** Name of process 1. */
  first: string;
  /** Files that exist on the machine. */
  has: (path: string) => boolean;
  /** Whether docker.io is there because we installed it, its service kept from starting. */
  installedHere: boolean;
}

const UNITS = ["/etc/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"].map(
  (folder) => `${folder}/docker.service`,
);
const SCRIPT = "/etc/init.d/docker";
/** Programs that run the scripts of /etc/init.d when the machine starts. */
const SCRIPT_RUNNERS = ["init", "openrc-init"];

/** Whether a stopped daemon is the init system's to start, so that a second one of ours would be in its way. */
export function isManaged({ systemd, first, has, installedHere }: InitSystem): boolean {
  if (installedHere) return false;
  return systemd ? UNITS.some(has) : SCRIPT_RUNNERS.includes(first) && has(SCRIPT);
}

/** The same of this machine. */
export function isDockerManagedHere(): boolean {
  const comm = "/proc/1/comm";
  return isManaged({
    systemd: existsSync("/run/systemd/system"),
    first: existsSync(comm) ? readFileSync(comm, "utf8").trim() : "",
    has: existsSync,
    installedHere: installedHere("docker.io"),
  });
}

function field(osRelease: string, name: string): string {
  const value = new RegExp(`^${name}=(.*)$`, "m").exec(osRelease)?.[1] ?? "";
  return value.trim().replace(/^(["'])(.*)\1$/, "$2");
}
