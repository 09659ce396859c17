/** What Docker's own words mean. Pure: exit code and words in, a kind out. */
import type { CommandResult } from "./run-command.ts";
import { withoutSecrets } from "./secrets.ts";

/** What `docker version` says of the daemon. */
export interface DaemonState {
  /**
   * `missing`: no docker command; `denied`: no right to use the socket; `stopped`: no daemon behind the local socket;
   * `unreachable`: the daemon that DOCKER_HOST or the context names does not answer, or nothing sensible.
   */
  kind: "answers" | "missing" | "denied" | "stopped" | "unreachable";
  /** Docker's own words on one line without a full stop; empty where it had none. */
  words: string;
  /** Whether the socket is the one where a daemon that we start would listen. */
  isDefaultSocket: boolean;
}

/** What `docker pull` came to. */
export interface PullState {
  /**
   * `limited`: too many pulls; `untrusted`: the registry's certificate; `unreachable`: no way to it; `full`: no room on
   * the disk; `refused`: anything else.
   */
  kind: "pulled" | "limited" | "untrusted" | "unreachable" | "full" | "refused";
  words: string;
  /** Whether the same pull may succeed a few seconds later. */
  mayPass: boolean;
}

const NOT_FOUND = 127;
const WORDS = 300;
/** What podman-docker prints before whatever it does. */
const SHIM = /^Emulate Docker CLI using podman.*$/m;
/** Old and new words of the client, with the address of the daemon. */
const NO_DAEMON = [
  /Cannot connect to the Docker daemon at (\S+?)\. Is the docker daemon running/,
  /failed to connect to the docker API at ([^\s;]+)/,
];
/** Docker Desktop's placeholder in WSL, and Podman on a Mac whose machine does not run. */
const NO_MACHINE = /could not be found in this WSL|Cannot connect to Podman/;
const DEFAULT_SOCKET = /^unix:\/\/\/(var\/)?run\/docker\.sock$/;

/** In this order: a proxy that forbids is no registry that does, and a limit comes with many words. */
const PULL_KINDS: readonly [PullState["kind"], RegExp][] = [
  ["limited", /toomanyrequests|too many requests|\b429\b|rate limit/i],
  ["full", /no space left on device|disk quota exceeded/i],
  ["unreachable", /proxyconnect|TLS handshake timeout/i],
  ["untrusted", /x509|tls: |server gave HTTP response to HTTPS client/i],
  [
    "unreachable",
    /no such host|name resolution|server misbehaving|no route to host|unreachable|connection (refused|reset)|time(d )?out|deadline exceeded|\bEOF\b/i,
  ],
];
const MAY_PASS =
  /toomanyrequests|too many requests|\b429\b|time(d )?out|deadline exceeded|connection reset|\bEOF\b|\b50[0234]\b|server misbehaving|temporary failure/i;

/** What the outcome of `docker version` says of the daemon. */
export function classifyDaemon(result: CommandResult): DaemonState {
  const words = wordsOf(result.stderr);
  if (result.exitCode === 0) return { kind: "answers", words, isDefaultSocket: false };
  if (result.exitCode === NOT_FOUND) return { kind: "missing", words, isDefaultSocket: true };
  if (/permission denied/i.test(words)) return { kind: "denied", words, isDefaultSocket: false };
  const address = NO_DAEMON.map((pattern) => pattern.exec(words)?.[1]).find((found) => found !== undefined);
  const isLocal = NO_MACHINE.test(words) || /^(unix|npipe):/.test(address ?? "");
  return {
    kind: isLocal ? "stopped" : "unreachable",
    words,
    isDefaultSocket: DEFAULT_SOCKET.test(address ?? ""),
  };
}

/** What the outcome of `docker pull` means. */
export function classifyPull(result: CommandResult): PullState {
  const words = wordsOf(result.stderr);
  if (result.exitCode === 0) return { kind: "pulled", words, mayPass: false };
  const kind = PULL_KINDS.find(([, pattern]) => pattern.test(words))?.[0] ?? "refused";
  return { kind, words, mayPass: kind !== "full" && MAY_PASS.test(words) };
}

function wordsOf(stderr: string): string {
  const line = withoutSecrets(stderr.replace(SHIM, "")).replace(/\s+/g, " ").trim().replace(/\.+$/, "");
  return line.length <= WORDS ? line : `${line.slice(0, WORDS)}…`;
}
