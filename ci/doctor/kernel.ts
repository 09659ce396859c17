/** What containers need of the kernel here. */
import { textOf } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** What is known of the kernel; empty texts on a system that is no Linux. */
export interface KernelFacts {
  /** /sys/fs/cgroup/cgroup.controllers: version 2 where it is there. */
  controllers: string;
  /** /proc/cgroups, of version 1. */
  cgroups: string;
  /** /sys/kernel/security/lsm. */
  lsm: string;
  /** /sys/fs/selinux/enforce. */
  selinux: string;
}

/** Controllers that limit what a container takes. */
const NEEDED = ["cpu", "memory", "pids"];

/** Asks this machine. */
export function kernelFacts(): KernelFacts {
  return {
    controllers: textOf("/sys/fs/cgroup/cgroup.controllers"),
    cgroups: textOf("/proc/cgroups"),
    lsm: textOf("/sys/kernel/security/lsm"),
    selinux: textOf("/sys/fs/selinux/enforce"),
  };
}

/** What is said of it; nothing where there is no such kernel. */
export function kernelFindings(facts: KernelFacts): Finding[] {
  if (facts.controllers === "" && facts.cgroups === "") return [];
  return [cgroup(facts), security(facts)];
}

function cgroup({ controllers, cgroups }: KernelFacts): Finding {
  const isV2 = controllers !== "";
  const names = isV2 ? controllers.trim().split(/\s+/) : enabled(cgroups);
  const missing = NEEDED.filter((name) => !names.includes(name));
  const found = `version ${isV2 ? 2 : 1}: ${names.join(" ")}`;
  if (missing.length === 0) return { subject: "cgroup", found };
  return {
    subject: "cgroup",
    found,
    follows: `limits of ${missing.join(", ")} cannot be set here: row 6 of the checklist will be red`,
  };
}

/** Names with a 1 in the last column of /proc/cgroups. */
function enabled(cgroups: string): string[] {
  const rows = cgroups.split("\n").map((line) => line.split(/\s+/));
  return rows
    .filter(([name = "#", , , on]) => !name.startsWith("#") && on === "1")
    .map(([name = ""]) => name);
}

function security({ lsm, selinux }: KernelFacts): Finding {
  const modules = lsm.trim() === "" ? "modules unknown" : lsm.trim().replaceAll(",", " ");
  const landlock = lsm === "" ? "Landlock unknown" : `Landlock ${lsm.includes("landlock") ? "on" : "off"}`;
  const state = selinux.trim() === "1" ? "enforcing" : selinux.trim() === "0" ? "permissive" : "off";
  return { subject: "security", found: `${modules}; ${landlock}; SELinux ${state}` };
}
