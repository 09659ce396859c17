/** Debian packages that the bootstrap needs on the host. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EngineError } from "./engine-error.ts";
import { hasProgram, runCommand } from "./run-command.ts";
import { statePath } from "./state.ts";
import { type StepContext, step } from "./step.ts";

/** A program and the Debian package that brings it. */
const PACKAGES: Readonly<Record<string, string>> = {
  docker: "docker.io",
  dockerd: "docker.io",
  iptables: "iptables",
  mmdebstrap: "mmdebstrap",
  skopeo: "skopeo",
  "docker-registry": "docker-registry",
};
const APT = { DEBIAN_FRONTEND: "noninteractive" };
/** A script whose exit code 101 keeps packages from starting their services at installation. */
const POLICY = "/usr/sbin/policy-rc.d";

/** Packages of which a program is missing. */
export async function missingPackages(has: (program: string) => Promise<boolean>): Promise<string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PACKAGES)) if (!(await has(program))) missing.add(name);
  return [...missing];
}

/**
 * Install what is missing, and note all packages that came with it.
 *
 * @throws MS-ENGINE-002 when the host has no apt-get or we are not root, MS-ENGINE-003 when a package cannot be had
 */
export async function installHostPackages(): Promise<void> {
  const missing = await missingPackages(hasProgram);
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0) {
    const cause = `neither an engine nor a container registry is in reach, and ${missing.join(", ")}`;
    throw new EngineError("MS-ENGINE-002", `${cause} cannot be installed without apt-get and root`);
  }
  await step("host-packages", { missing, at: Date.now() }, [], async (ctx) => {
    const before = await installedPackages();
    await withoutServices(() => install(ctx, missing));
    const added = [...(await installedPackages())].filter((name) => !before.has(name));
    writeFileSync(listFile(), JSON.stringify([...notedPackages(), ...added]));
  });
}

/** Whether a package is on the machine because the bootstrap installed it. */
export function installedHere(name: string): boolean {
  return notedPackages().includes(name);
}

/** Remove every package that was installed here. */
export async function removeHostPackages(): Promise<void> {
  const noted = notedPackages();
  if (noted.length === 0) return;
  await runCommand("apt-get", ["purge", "--yes", ...noted], { env: APT });
}

async function install({ run }: StepContext, names: string[]): Promise<void> {
  try {
    await run("apt-get", ["update"], { env: APT });
    await run("apt-get", ["install", "--yes", "--no-install-recommends", ...names], { env: APT });
  } catch (error) {
    const lines = error instanceof Error ? `:\n${error.message}` : "";
    throw new EngineError("MS-ENGINE-003", `${names.join(", ")} cannot be installed${lines}`);
  }
}

async function withoutServices(body: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY)) return await body();
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    await body();
  } finally {
    rmSync(POLICY);
  }
}

async function installedPackages(): Promise<Set<string>> {
  const { stdout } = await runCommand("dpkg", ["--get-selections"]);
  const rows = stdout.split("\n").map((line) => line.split(/\s+/));
  return new Set(rows.filter(([, state]) => state === "install").map(([name = ""]) => name));
}

function listFile(): string {
  return statePath("host-packages.json");
}

function notedPackages(): string[] {
  return existsSync(listFile()) ? (JSON.parse(readFileSync(listFile(), "utf8")) as string[]) : [];
}
