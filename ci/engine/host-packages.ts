/** Debian packages that the bootstrap needs on the host. */
import { existsSync } from "node:fs";
import { hasProgram, tryCommand } from "./command.ts";
import { CodedError } from "./errors.ts";
import { step } from "./step.ts";

/** A program and the Debian package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dockerd: "docker.io",
  iptables: "iptables",
  mmdebstrap: "mmdebstrap",
  skopeo: "skopeo",
  "docker-registry": "docker-registry",
  pigz: "pigz",
};

/**
 * Installs what is missing.
 *
 * @throws MS-ENGINE-002 when the host has no apt-get, MS-ENGINE-001 when a package cannot be had
 */
export async function installHostPackages(): Promise<void> {
  const missing: string[] = [];
  for (const [program, name] of Object.entries(PROGRAMS)) if (!(await hasProgram(program))) missing.push(name);
  if (!(await hasProgram("docker")) && !missing.includes("docker.io")) missing.push("docker.io");
  if (missing.length === 0) return;
  if (!existsSync("/usr/bin/apt-get") || (await tryCommand("id", ["-u"])).stdout.trim() !== "0")
    throw new CodedError(
      "MS-ENGINE-002",
      `this host has no engine and no container registry, and ${missing.join(", ")} cannot be installed without apt-get and root`,
      "install Docker, or run as root on Debian",
    );
  await step("host-packages", missing, [], async ({ run }) => {
    await run("apt-get", ["update"]);
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["install", "--yes", "--no-install-recommends", ...missing], { env });
  });
}
