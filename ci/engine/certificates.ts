/** Certificate authorities that this machine trusts beyond Debian's own. */
import { readFileSync } from "node:fs";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a bundle, each as PEM without white space differences. */
export function certificatesIn(bundle: string): string[] {
  return (bundle.match(CERTIFICATE) ?? []).map((pem) => pem.replaceAll("\r", ""));
}

/** Certificates of the host's bundle that a fresh root file system lacks. */
export function extraCertificates(hostBundle: string, freshBundle: string): string[] {
  const known = new Set(certificatesIn(freshBundle));
  return [...new Set(certificatesIn(hostBundle))].filter((pem) => !known.has(pem));
}

/** The bundle that this machine's programs use. */
export function hostBundle(): string {
  return readFileSync(process.env.SSL_CERT_FILE ?? "/etc/ssl/certs/ca-certificates.crt", "utf8");
}
