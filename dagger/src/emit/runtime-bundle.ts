/**
 * The `config.json` of an OCI runtime bundle: how runc starts a service so that it gets what an
 * orchestrator would give it: its user, a read-only root, its writable paths, its limits, no capability.
 */
import type { ContainerLimits, ServiceSpec, WritablePath } from "../spec/service-spec.ts";

/** What a bundle needs beside the spec; every path is one of the machine that runs runc. */
export interface RuntimeBundleOptions {
  /** Root file system of the image; `root` is mounted read-only when the spec says so. */
  rootfs: string;
  /** Complete environment of the process. */
  env: Readonly<Record<string, string>>;
  /** Path of the control group below the hierarchy, for example `/mistersmith/supervisor`. */
  cgroup: string;
  /** Network namespace to join, for example `/run/netns/ms-0`; without it a new one without interfaces. */
  netns?: string;
  /** Command line instead of the spec's entrypoint and command; the first word is an absolute path. */
  args?: readonly string[];
  /** Limits that differ from the spec's. */
  limits?: Partial<ContainerLimits>;
  /** Whether the kernel can limit swap, which it then gives none of: the memory limit is one of both together. */
  limitSwap?: boolean;
  /** Directory for each volume of the spec, by its name; a volume without one becomes a tmpfs. */
  volumes?: Readonly<Record<string, string>>;
  /** More files or directories, for example secrets, hosts, resolv.conf or a configuration file. */
  mounts?: readonly BindMount[];
  hostname?: string;
  cwd?: string;
  /** Open file limit, where the machine that runs runc may not raise it to the usual one. */
  openFiles?: number;
}

/** A path of the machine that appears inside. */
export interface BindMount {
  source: string;
  destination: string;
  /** Read-only unless this says otherwise. */
  writable?: boolean;
}

/** A mount as the runtime specification writes it. */
interface RuntimeMount {
  destination: string;
  type: string;
  source: string;
  options: string[];
}

const MIB = 1024 * 1024;
const CPU_PERIOD_MICROSECONDS = 100_000;
const OPEN_FILES = 65_536;

const MASKED_PATHS = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

const SYSTEM_MOUNTS: readonly RuntimeMount[] = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
  },
  {
    destination: "/dev/shm",
    type: "tmpfs",
    source: "shm",
    options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
];

/** Makes the `config.json` (runtime specification 1.0.2) for one container of a service. */
export function emitRuntimeBundle(spec: ServiceSpec, options: RuntimeBundleOptions): object {
  const id = spec.user;
  const openFiles = Math.min(options.openFiles ?? OPEN_FILES, OPEN_FILES);
  const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`);
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid: id, gid: id },
      args: options.args ?? [...spec.entrypoint, ...spec.command],
      env,
      cwd: options.cwd ?? "/",
      capabilities: { bounding: [], effective: [], inheritable: [], permitted: [], ambient: [] },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: openFiles, soft: openFiles }],
      noNewPrivileges: true,
    },
    root: { path: options.rootfs, readonly: spec.readOnlyRoot },
    hostname: options.hostname ?? spec.name,
    mounts: [
      ...SYSTEM_MOUNTS,
      ...spec.writablePaths.map((path) => writableMount(path, id, options.volumes ?? {})),
      ...(options.mounts ?? []).map(bindMount),
    ],
    linux: {
      namespaces: namespaces(options.netns),
      cgroupsPath: options.cgroup,
      resources: emitResources({ ...spec.resources.container, ...options.limits }, options.limitSwap),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
}

/**
 * The limits as the runtime specification writes them; its `swap` is the sum of memory and swap. Where the kernel cannot
 * limit swap (version 1 without memory.memsw, version 2 without memory.swap.max), runc fails when it is given.
 */
export function emitResources(limits: ContainerLimits, limitSwap = false): object {
  const bytes = limits.memoryMiB * MIB;
  return {
    devices: [{ allow: false, access: "rwm" }],
    memory: { limit: bytes, ...(limitSwap && { swap: bytes }) },
    cpu: { quota: Math.round(limits.cpu * CPU_PERIOD_MICROSECONDS), period: CPU_PERIOD_MICROSECONDS },
    pids: { limit: limits.pids },
  };
}

function namespaces(netns: string | undefined): object[] {
  const network = netns === undefined ? { type: "network" } : { type: "network", path: netns };
  return [{ type: "pid" }, { type: "mount" }, { type: "ipc" }, { type: "uts" }, { type: "cgroup" }, network];
}

function writableMount(
  path: WritablePath,
  owner: number,
  volumes: Readonly<Record<string, string>>,
): RuntimeMount {
  const source = path.name === undefined ? undefined : volumes[path.name];
  if (source !== undefined)
    return { destination: path.path, type: "bind", source, options: ["rbind", "rw", "nosuid", "nodev"] };
  const size = path.sizeMiB === undefined ? [] : [`size=${path.sizeMiB}m`];
  // A scratch directory is everybody's, a volume belongs to the service alone.
  const mode = path.kind === "tmpfs" ? "mode=1777" : "mode=0700";
  return {
    destination: path.path,
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "nodev", mode, `uid=${owner}`, `gid=${owner}`, ...size],
  };
}

function bindMount(mount: BindMount): RuntimeMount {
  const options = ["rbind", mount.writable ? "rw" : "ro", "nosuid", "nodev"];
  return { destination: mount.destination, type: "bind", source: mount.source, options };
}
