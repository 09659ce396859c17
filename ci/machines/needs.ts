/** What a world needs of the machine that plays it. */
import { spawnSync } from "node:child_process";
import { daggerEnvironment } from "../engine/command-path.ts";

/** Names of all needs. */
export const NEEDS = ["root", "linux", "x64", "git", "docker", "engine", "mount", "apt"] as const;

/** One of them. */
export type Need = (typeof NEEDS)[number];

const PROBES: Readonly<Record<Need, { has: () => boolean; lacks: string }>> = {
  root: { has: () => process.getuid?.() === 0, lacks: "root" },
  linux: { has: () => process.platform === "linux", lacks: "Linux" },
  x64: { has: () => process.arch === "x64", lacks: "a 64-bit x86 processor" },
  git: { has: () => works("git", "--version"), lacks: "git" },
  docker: { has: () => works("docker", "version"), lacks: "a Docker daemon that answers" },
  engine: { has: () => works("dagger", "core", "version"), lacks: "an engine (`make setup`)" },
  mount: { has: () => works("unshare", "--mount", "true"), lacks: "the right to mount" },
  apt: { has: () => works("apt-get", "--version"), lacks: "apt" },
};

/** What the machine lacks of these, in words; empty when it has all. */
export function lacking(needs: readonly Need[]): string[] {
  return needs.filter((need) => !PROBES[need].has()).map((need) => PROBES[need].lacks);
}

function works(program: string, ...args: string[]): boolean {
  return (
    spawnSync(program, args, { env: daggerEnvironment(), stdio: "ignore", timeout: 20_000 }).status === 0
  );
}
