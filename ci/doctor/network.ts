/** Proxies and authorities between this machine and the world. */
import { hostCertificates } from "../engine/certificates.ts";
import { engineProxy } from "../engine/proxy.ts";
import type { Finding } from "./finding.ts";

/** Names under which programs look for proxies; most know both cases. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** What is said of the proxies; addresses are not shown. */
export function proxyFinding(env: NodeJS.ProcessEnv): Finding {
  const names = PROXIES.filter((name) => env[name]);
  if (names.length === 0) return { subject: "proxy", found: "none in the environment" };
  const [problem] = engineProxy(env).problems;
  const found = `${names.join(", ")} set`;
  return {
    subject: "proxy",
    found,
    follows: problem?.message ?? "an engine that `make setup` starts gets it",
  };
}

/** What is said of authorities beyond the usual ones; unreadable files are part of it. */
export function authoritiesFinding(certificates: () => readonly string[] = hostCertificates): Finding {
  const subject = "authorities";
  const count = certificates().length;
  if (count === 0) return { subject, found: "none beyond the usual ones" };
  return {
    subject,
    found: `${count} beyond the usual ones`,
    follows: "an engine that `make setup` starts trusts them",
  };
}
