/** Debian packages that the bootstrap needs on the host. */
import { existsSync } from "node:fs";
import { EngineError } from "./engine-error.ts";
import { hasProgram } from "./run-command.ts";
import { step } from "./step.ts";

/** A program and the Debian package that brings it. */
const PACKAGES: Readonly<Record<string, string>> = {
  docker: "docker.io",
  dockerd: "docker.io",
  iptables: "iptables",
  mmdebstrap: "mmdebstrap",
  skopeo: "skopeo",
  "docker-registry": "docker-registry",
  pigz: "pigz",
};

/** Packages of which a program is missing. */
export async function missingPackages(has: (program: string) => Promise<boolean>): Promise<string[]> {
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PACKAGES)) if (!(await has(program))) missing.add(name);
  return [...missing];
}

/**
 * Installs what is missing.
 *
 * @throws MS-ENGINE-002 when the host has no apt-get or we are not root, MS-ENGINE-001 when a package cannot be had
 */
export async function installHostPackages(): Promise<void> {
  const missing = await missingPackages(hasProgram);
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get") || process.getuid?.() !== 0)
    throw new EngineError(
      "MS-ENGINE-002",
      `there is neither an engine nor a container registry here, and ${missing.join(", ")} needs apt-get and root`,
    );
  await step("host-packages", missing, [], async ({ run }) => {
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update"]);
    await run("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], { env });
  });
}
