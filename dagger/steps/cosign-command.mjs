/** How cosign is called: without any service when a key is given, with the public ones when an identity is. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Types under which cosign knows our attestations. */
export const TYPES = { provenance: "slsaprovenance1", sbom: "spdxjson" };

/**
 * Prepares the options of all calls.
 *
 * @param {{ key?: string, insecure?: boolean }} access `key` is the file of a private or public key
 */
export function cosignOptions({ key, insecure }) {
  const registry = insecure ? ["--allow-http-registry"] : [];
  if (!key) return { registry, sign: [], verify: [] };
  // Empty configurations: no timestamp authority, no transparency log, no call to the network.
  const work = mkdtempSync(join(tmpdir(), "cosign-"));
  const files = { signing: join(work, "signing.json"), trusted: join(work, "trusted.json") };
  create("signing-config", files.signing);
  create("trusted-root", files.trusted);
  return {
    registry,
    sign: ["--key", key, "--signing-config", files.signing, "--trusted-root", files.trusted],
    verify: ["--key", key, "--trusted-root", files.trusted, "--insecure-ignore-tlog=true"],
  };
}

/** Runs cosign and says how it ended; it never throws for a refusal. */
export function cosign(...words) {
  const { status, stdout, stderr, error } = spawnSync("cosign", words, {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error) throw error;
  return { ok: status === 0, stdout, text: stderr.trim() };
}

function create(what, file) {
  execFileSync("cosign", [what, "create", "--out", file], { stdio: ["ignore", "ignore", "inherit"] });
  if (!existsSync(file)) throw new Error(`cosign wrote no ${what}`);
}
