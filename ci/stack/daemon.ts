/** The Docker daemon that runs the stack. Containers mount files of this machine, so that it has to be here. */
import { daemonState, docker } from "../engine/docker-daemon.ts";
import { StackError } from "./stack-error.ts";

const DEFAULT_ENDPOINT = "unix:///var/run/docker.sock";
/** Of Docker Desktop the socket is here and the daemon in a VM that sees the person's files: that is enough. */
const LOCAL = /^(unix|npipe|fd):|^(tcp|https?):\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$)/i;

/**
 * Makes sure that a daemon of this machine answers.
 *
 * @returns where it listens, as DOCKER_HOST says it, whether a context or DOCKER_HOST chose it
 * @throws StackError MS-STACK-001 with Docker's own words, MS-STACK-009 when it is on another machine
 */
export async function localDaemon(): Promise<string> {
  const { stdout } = await docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
  // A docker command of other make knows no contexts.
  const endpoint = stdout.trim() || process.env.DOCKER_HOST || DEFAULT_ENDPOINT;
  if (!isLocalEndpoint(endpoint))
    throw new StackError(
      "MS-STACK-009",
      `docker talks to ${endpoint}, which cannot mount files of this machine`,
    );
  const { kind, words } = await daemonState();
  if (kind !== "answers")
    throw new StackError("MS-STACK-001", `\`docker version\` fails: ${lastLine(words)}`);
  return endpoint;
}

/** Whether an endpoint of Docker, as DOCKER_HOST says it, is on this machine. */
export function isLocalEndpoint(endpoint: string): boolean {
  return LOCAL.test(endpoint);
}

/**
 * Asks Docker for something that the stack cannot do without.
 *
 * @returns what it printed
 * @throws StackError MS-STACK-014 with Docker's own words
 */
export async function askDocker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await docker(...args);
  if (exitCode === 0) return stdout;
  throw new StackError("MS-STACK-014", `\`docker ${args.slice(0, 2).join(" ")}\`: ${lastLine(stderr)}`);
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.replace(/[.?]$/, "") || "it says nothing";
}
