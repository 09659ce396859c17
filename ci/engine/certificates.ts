/** Certificate authorities that this machine trusts beyond the public ones. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { fingerprint } from "./fingerprint.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
const DEBIANS_OWN = "/usr/share/ca-certificates";
/** Of Debian, Ubuntu and Alpine; of Fedora and its kin. */
const SYSTEM_BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
/** Variables by which programs are told of another bundle. */
const BUNDLE_VARIABLES = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/** The certificates of a bundle in PEM, without differences in line ends. */
export function certificatesIn(bundle: string): string[] {
  return (bundle.match(CERTIFICATE) ?? []).map((pem) => pem.replaceAll("\r", ""));
}

/** Certificates of the trusted bundles that are not among the known ones, each once. */
export function extraCertificates(trusted: readonly string[], known: readonly string[]): string[] {
  const isKnown = new Set(known.flatMap(certificatesIn));
  return [...new Set(trusted.flatMap(certificatesIn))].filter((pem) => !isKnown.has(pem));
}

/** The extra certificates of this machine. */
export function hostCertificates(env: NodeJS.ProcessEnv = process.env): string[] {
  const named = BUNDLE_VARIABLES.map((name) => env[name]).filter((path) => path !== undefined);
  const bundles = [...new Set([...SYSTEM_BUNDLES, ...named])].filter((path) => existsSync(path));
  // Node knows the public ones too: elsewhere than on Debian their files cannot be told from the machine's own.
  return extraCertificates(bundles.map(read), [...debiansOwn().map(read), ...rootCertificates]);
}

/** Write the certificates as files that update-ca-certificates takes, and nothing else into that folder. */
export function writeCertificates(folder: string, certificates: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  const wanted = new Map(certificates.map((pem) => [`host-${fingerprint(pem).slice(0, 12)}.crt`, pem]));
  for (const name of readdirSync(folder)) if (!wanted.has(name)) rmSync(join(folder, name));
  for (const [name, pem] of wanted) writeFileSync(join(folder, name), `${pem}\n`);
}

function debiansOwn(): string[] {
  if (!existsSync(DEBIANS_OWN)) return [];
  const entries = readdirSync(DEBIANS_OWN, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}
