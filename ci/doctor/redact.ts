/** Keeps what is nobody's business out of a report that is pasted into an issue. Pure. */

import { withoutSecrets } from "../engine/secrets.ts";

/** What tells who and where a person is. */
export interface Private {
  /** Home folder. */
  home: string;
  /** Name of the machine. */
  host: string;
  env: NodeJS.ProcessEnv;
}

/** Variables whose values are secrets, by their names. */
const SECRET = /TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|_KEY|_PAT$|AUTH/i;
/** Shorter ones would hit ordinary words. */
const SHORTEST_SECRET = 6;
/** Names that many machines have: they say nothing, and stand in ordinary words. */
const USUAL_HOSTS = /^(localhost|debian|ubuntu|fedora|alpine|docker|linux|vm|runner|)$/i;

/** The text without passwords, values of secret variables, home folders and the machine's name. */
export function redact(text: string, { home, host, env }: Private): string {
  let clean = text;
  for (const value of secretsOf(env)) clean = clean.replaceAll(value, "***");
  clean = withoutSecrets(clean).replace(/(^|[\s"'=(])[^\s:/@"'=(]+:[^\s@/]+@(?!sha256:)/g, "$1***@");
  if (home.length > 1) clean = clean.replaceAll(home, "~");
  clean = clean.replace(/(\/home|\/Users)\/[^/\s:;,'"]+/g, "~");
  if (USUAL_HOSTS.test(host)) return clean;
  const name = host.replace(/[^\w-]/g, "\\$&");
  return clean.replace(new RegExp(`\\b${name}\\b`, "gi"), "HOST");
}

function secretsOf(env: NodeJS.ProcessEnv): string[] {
  const named = Object.entries(env).filter(([name]) => SECRET.test(name));
  const values = named.map(([, value]) => value ?? "").filter((value) => value.length >= SHORTEST_SECRET);
  // The longest first: one may hold another.
  return values.sort((a, b) => b.length - a.length);
}
