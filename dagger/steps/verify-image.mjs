/**
 * Looks at an image in a registry: which digest a tag has, whether the content is what the digest says, whether the
 * signature and the attestations are of this key or identity. It judges nothing: every question is answered in OUT.
 *
 * node verify-image.mjs REPOSITORY TAG DIGEST OUT
 *   DIGEST  digest that was published; content, signature and attestations are looked for under it
 *   OUT     gets {held, content, signature, provenance, sbom}
 * COSIGN_PUBLIC_KEY (file), or CERTIFICATE_IDENTITY and CERTIFICATE_ISSUER; INSECURE=1 for plain http.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cosign, cosignOptions, TYPES } from "./cosign-command.mjs";

const [repository, tag, digest, out] = process.argv.slice(2);
const { COSIGN_PUBLIC_KEY, CERTIFICATE_IDENTITY, CERTIFICATE_ISSUER, INSECURE } = process.env;
const insecure = INSECURE === "1";
const reference = `${repository}@${digest}`;
const { registry, verify } = cosignOptions({ key: COSIGN_PUBLIC_KEY, insecure });
const identity = CERTIFICATE_IDENTITY
  ? ["--certificate-identity", CERTIFICATE_IDENTITY, "--certificate-oidc-issuer", CERTIFICATE_ISSUER]
  : [];
const options = [...registry, ...verify, ...identity];

const held = crane("digest", `${repository}:${tag}`);
const content = crane("validate", "--remote", reference);
const signature = cosign("verify", ...options, reference);
writeFileSync(
  out,
  JSON.stringify({
    held: held.ok ? held.stdout.trim() : "",
    content: answer(content),
    signature: answer(signature),
    provenance: attestation(TYPES.provenance),
    sbom: attestation(TYPES.sbom),
  }),
);

function attestation(type) {
  const found = cosign("verify-attestation", ...options, "--type", type, reference);
  return { ...answer(found), statements: found.ok ? statements(found.stdout) : [] };
}

// One envelope per line; its payload is the statement.
function statements(lines) {
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(Buffer.from(JSON.parse(line).payload, "base64").toString("utf8")));
}

// That no transparency log is asked is our own wish, and no reason.
function answer({ ok, text }) {
  const reasons = text.split("\n").filter((line) => !line.startsWith("WARNING: Skipping tlog"));
  return { ok, text: ok ? "" : reasons.slice(-5).join("\n") };
}

function crane(...words) {
  const { status, stdout, stderr, error } = spawnSync(
    "crane",
    [...words, ...(insecure ? ["--insecure"] : [])],
    {
      encoding: "utf8",
    },
  );
  if (error) throw error;
  return { ok: status === 0, stdout, text: stderr.trim() };
}
