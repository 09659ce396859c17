/** The capabilities that a container can be given on this host. */
import { readFileSync } from "node:fs";

/** Names by bit number (linux/capability.h); Docker 20.10 knows no more than these. */
const NAMES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "NET_BIND_SERVICE",
  "NET_BROADCAST",
  "NET_ADMIN",
  "NET_RAW",
  "IPC_LOCK",
  "IPC_OWNER",
  "SYS_MODULE",
  "SYS_RAWIO",
  "SYS_CHROOT",
  "SYS_PTRACE",
  "SYS_PACCT",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_NICE",
  "SYS_RESOURCE",
  "SYS_TIME",
  "SYS_TTY_CONFIG",
  "MKNOD",
  "LEASE",
  "AUDIT_WRITE",
  "AUDIT_CONTROL",
  "SETFCAP",
  "MAC_OVERRIDE",
  "MAC_ADMIN",
  "SYSLOG",
  "WAKE_ALARM",
  "BLOCK_SUSPEND",
  "AUDIT_READ",
] as const;

/**
 * Docker options for an engine container: `--privileged` where the bounding set is full, else every capability in it,
 * since Docker refuses `--privileged` when one is missing.
 *
 * @param boundingSet CapBnd of /proc/self/status, hexadecimal
 */
export function capabilityOptions(boundingSet: string): string[] {
  const bits = BigInt(`0x${boundingSet}`);
  const held = NAMES.filter((_, bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
  if (held.length === NAMES.length) return ["--privileged"];
  const options = held.flatMap((name) => ["--cap-add", name]);
  return [...options, "--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined"];
}

/** CapBnd of this process. */
export function hostBoundingSet(): string {
  return /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
}
