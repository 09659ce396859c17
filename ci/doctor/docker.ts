/** Docker, as its command and its daemon tell. */
import type { DaemonState } from "../engine/docker-words.ts";
import { runCommand } from "../engine/run-command.ts";
import { ask } from "./ask.ts";
import type { Finding } from "./finding.ts";

/** What we read of `docker info`. */
export interface DockerInfo {
  ServerVersion?: string;
  Driver?: string;
  CgroupVersion?: string;
  DockerRootDir?: string;
  OperatingSystem?: string;
  Architecture?: string;
  SecurityOptions?: string[] | null;
  HttpProxy?: string;
  HttpsProxy?: string;
}

/** What is known of Docker. */
export interface DockerFacts {
  client: string | undefined;
  /** Name of the context; undefined where it cannot be told. */
  context: string | undefined;
  daemon: DaemonState;
  info: DockerInfo;
  env: NodeJS.ProcessEnv;
}

const LIMIT_MS = 20_000;

/**
 * Asks this machine.
 *
 * @param asked the answer about the daemon, which is waited for beside the others
 */
export async function dockerFacts(asked: Promise<DaemonState>): Promise<DockerFacts> {
  const client = ask("docker", "--version");
  const context = ask("docker", "context", "show");
  const daemon = await asked;
  const info = daemon.kind === "answers" ? await readInfo() : {};
  return { client: await client, context: await context, daemon, info, env: process.env };
}

async function readInfo(): Promise<DockerInfo> {
  const { stdout } = await runCommand("docker", ["info", "--format", "{{json .}}"], { limitMs: LIMIT_MS });
  try {
    return JSON.parse(stdout) as DockerInfo;
  } catch {
    return {};
  }
}

/** What is said of it; whether it blocks is the engine's finding. */
export function dockerFinding({ client, context, daemon, info, env }: DockerFacts): Finding {
  const subject = "Docker";
  const version = /\d+\.\d+[^\s,]*/.exec(client ?? "")?.[0];
  if (daemon.kind === "missing") return { subject, found: "no docker command" };
  const place = env.DOCKER_HOST
    ? `DOCKER_HOST (${env.DOCKER_HOST.split(":")[0]})`
    : `context ${context ?? "unknown"}`;
  const head = `client ${version ?? "unknown"}, ${place}`;
  if (daemon.kind !== "answers") return { subject, found: `${head}, daemon ${daemon.kind}` };
  const server = `server ${info.ServerVersion ?? "unknown"} on ${info.OperatingSystem ?? "an unknown system"}`;
  const rest = [info.Architecture, info.Driver, `cgroup v${info.CgroupVersion ?? "?"}`, ...options(info)];
  const found = `${head}, ${[server, ...rest].filter(Boolean).join(", ")}`;
  const follows = whatFollows(info);
  return follows === undefined ? { subject, found } : { subject, found, follows };
}

/** `name=rootless` and the like without their settings. */
function options({ SecurityOptions, HttpProxy, HttpsProxy }: DockerInfo): string[] {
  const names = (SecurityOptions ?? []).map((option) => /name=(\w+)/.exec(option)?.[1] ?? "");
  const proxy = HttpProxy || HttpsProxy ? ["its own proxy"] : [];
  return [...names.filter((name) => /rootless|selinux|userns|apparmor/.test(name)), ...proxy];
}

function whatFollows({ SecurityOptions, OperatingSystem }: DockerInfo): string | undefined {
  if (SecurityOptions?.some((option) => option.includes("rootless")))
    return "rootless: limits hold only for controllers that are delegated to you";
  if (OperatingSystem?.includes("Docker Desktop"))
    return "its localhost is that of its own VM; `make test-compose` cannot look into it";
  return undefined;
}
