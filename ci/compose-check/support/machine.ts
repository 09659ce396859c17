/** What the tests need of a machine: they look into processes and call addresses of the containers themselves. */
import { release } from "node:os";
import { DockerApi } from "../../checklist/harness/compose/docker-api.ts";
import { runCommand } from "../../engine/run-command.ts";
import { CheckError } from "../../shared/check-error.ts";
import { askDocker, localDaemon } from "../../stack/daemon.ts";

/** The part of `docker info` that tells where containers run. */
export interface DaemonFacts {
  OperatingSystem: string;
  KernelVersion: string;
  SecurityOptions: readonly string[] | null;
}

/** Where the test runs, and as whom. */
export interface HostFacts {
  platform: NodeJS.Platform;
  /** Of the kernel. */
  release: string;
  /** Undefined where there are none. */
  uid: number | undefined;
}

/** What sudo says of who called it. */
type SudoVariables = Readonly<Record<string, string | undefined>>;

/**
 * Makes sure that the tests can run here.
 *
 * @returns where the daemon listens, as DOCKER_HOST says it
 * @throws CheckError MS-CHECK-035, MS-CHECK-036; StackError MS-STACK-001, MS-STACK-009
 */
export async function checkMachine(): Promise<string> {
  const host = { platform: process.platform, release: release(), uid: process.getuid?.() };
  refuseHost(host);
  const endpoint = await localDaemon();
  // Made to see that it is a socket, before anything is built.
  new DockerApi(endpoint);
  refuseDaemon(JSON.parse(await askDocker("info", "--format", "{{json .}}")) as DaemonFacts, host);
  return endpoint;
}

/** Refuses what can be told without Docker. */
export function refuseHost({ platform, uid }: HostFacts): void {
  if (platform !== "linux") throw elsewhere(`this is ${platform}`);
  if (uid !== 0) throw new CheckError("MS-CHECK-036", `it is run by user ${uid}`);
}

/** Refuses a daemon that keeps its containers where this machine's root does not get at them. */
export function refuseDaemon(facts: DaemonFacts, host: HostFacts): void {
  if (/Docker Desktop|OrbStack/.test(facts.OperatingSystem))
    throw elsewhere(`${facts.OperatingSystem} runs containers in a virtual machine`);
  if (facts.KernelVersion !== host.release)
    throw elsewhere(`Docker's kernel is ${facts.KernelVersion}, this machine's is ${host.release}`);
  if (facts.SecurityOptions?.some((option) => option.includes("name=rootless")))
    throw elsewhere("Docker runs without root, which keeps the containers' addresses to itself");
}

/** Gives what root wrote below a directory to the person who called sudo, whose next command writes there too. */
export async function handBack(directory: string, env: SudoVariables = process.env): Promise<void> {
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (uid && gid) await runCommand("chown", ["-R", `${uid}:${gid}`, directory]);
}

function elsewhere(cause: string): CheckError {
  return new CheckError("MS-CHECK-035", cause);
}
