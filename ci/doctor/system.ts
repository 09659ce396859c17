/** Operating system, processor, memory. */
import { arch, availableParallelism, platform, release, totalmem } from "node:os";
import { textOf } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** What is known of the system; memory in bytes. */
export interface SystemFacts {
  platform: string;
  arch: string;
  kernel: string;
  /** PRETTY_NAME of /etc/os-release, empty where there is none. */
  name: string;
  cores: number;
  memory: number;
  /** Undefined where it cannot be told. */
  swap: number | undefined;
}

const GB = 1e9;
/** Processors that Dagger's engine is released for. */
const ARCHITECTURES = ["x64", "arm64"];

/** Asks this machine. */
export function systemFacts(): SystemFacts {
  const swap = /^SwapTotal:\s+(\d+) kB$/m.exec(textOf("/proc/meminfo"))?.[1];
  return {
    platform: platform(),
    arch: arch(),
    kernel: release(),
    name: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(textOf("/etc/os-release"))?.[1] ?? "",
    cores: availableParallelism(),
    memory: totalmem(),
    swap: swap === undefined ? undefined : Number(swap) * 1024,
  };
}

/** What is said of it. */
export function systemFindings(facts: SystemFacts): Finding[] {
  const wsl = /microsoft/i.test(facts.kernel) ? " (WSL)" : "";
  const system = `${facts.name || facts.platform}, kernel ${facts.kernel}${wsl}, ${facts.arch}`;
  const swap =
    facts.swap === undefined ? "swap unknown" : facts.swap === 0 ? "no swap" : `${gb(facts.swap)} of swap`;
  return [
    { subject: "system", found: system, ...processor(facts) },
    { subject: "memory", found: `${facts.cores} cores, ${gb(facts.memory)} of memory, ${swap}` },
  ];
}

function processor({ arch, platform }: SystemFacts): Partial<Finding> {
  if (platform === "win32")
    return {
      follows: "the commands are shell scripts",
      next: "run them in WSL, in a distribution of its version 2",
    };
  if (!ARCHITECTURES.includes(arch))
    return {
      follows: "there is no engine for this processor",
      next: "name an engine on another machine by _EXPERIMENTAL_DAGGER_RUNNER_HOST=tcp://HOST:PORT",
    };
  return arch === "arm64"
    ? { follows: "images of local runs are linux/arm64; `publish` names its platforms" }
    : {};
}

/** Bytes in GB, as disks are sold. */
export function gb(bytes: number): string {
  return `${(bytes / GB).toFixed(1)} GB`;
}
