/** The proxies of this shell, as far as the engine's container can use them. Pure. */
import { EngineError } from "./engine-error.ts";
import { withoutSecrets } from "./secrets.ts";

/** The variables that the engine takes, and hands on to every container that it runs. */
const NAMES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY"];
const EXCEPTIONS = "NO_PROXY";
/** Always reached without a proxy: this container itself, and services of the engine under their full names. */
const OWN_HOSTS = ["localhost", "127.0.0.1", "::1", ".dagger.local"];
/** Names under which containers of the pipeline reach one another; a test compares them with its sources. */
export const PIPELINE_HOSTS = [
  "aws-api",
  "claude-worker",
  "mcp-gateway",
  "messages-api",
  "nats",
  "postgres",
  "registry",
  "stack",
];
const LOOPBACK = /^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\])$/i;

/** What the engine's container is given. */
export interface EngineProxy {
  /** Variables by name; empty where there is no proxy. */
  env: Readonly<Record<string, string>>;
  /** MS-ENGINE-019 for each variable that was left out. */
  problems: readonly EngineError[];
}

/**
 * Reads the proxies of an environment.
 *
 * @param hosts what the engine reaches without a proxy beside the pipeline's own hosts
 */
export function engineProxy(env: NodeJS.ProcessEnv, hosts: readonly string[] = []): EngineProxy {
  const proxies: Record<string, string> = {};
  const problems: EngineError[] = [];
  for (const name of NAMES) {
    const value = either(env, name);
    if (value === undefined) continue;
    const why = whyUnusable(value);
    if (why === undefined) proxies[name] = value;
    else problems.push(new EngineError("MS-ENGINE-019", `${name} is ${shown(value)}: ${why}`));
  }
  if (Object.keys(proxies).length === 0) return { env: {}, problems };
  const exceptions = (either(env, EXCEPTIONS) ?? "").split(/[\s,]+/).filter((host) => host !== "");
  const all = [...new Set([...exceptions, ...OWN_HOSTS, ...PIPELINE_HOSTS, ...hosts])];
  return { env: { ...proxies, [EXCEPTIONS]: all.join(",") }, problems };
}

/** In Go's order, since Docker and the engine are written in it. */
function either(env: NodeJS.ProcessEnv, name: string): string | undefined {
  return env[name]?.trim() || env[name.toLowerCase()]?.trim() || undefined;
}

function whyUnusable(value: string): string | undefined {
  if (!URL.canParse(withScheme(value))) return "an address reads http://HOST:PORT";
  const { hostname } = new URL(withScheme(value));
  if (hostname === "") return "an address reads http://HOST:PORT";
  return LOOPBACK.test(hostname) ? "in the engine's container that is the container itself" : undefined;
}

function withScheme(value: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
}

function shown(value: string): string {
  return withoutSecrets(withScheme(value));
}
