/**
 * Signs an image that a registry holds, and its attestations. What is signed with this key already is left alone.
 *
 * node sign-image.mjs REFERENCE TYPE=PREDICATE...
 *   REFERENCE  REPOSITORY@DIGEST
 *   TYPE       type of an attestation as cosign knows it, and the file that holds it
 * COSIGN_KEY (file of the private key; its password in COSIGN_PASSWORD), or IDENTITY_TOKEN (file) for keyless signing;
 * INSECURE=1 for plain http.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cosign, cosignOptions } from "./cosign-command.mjs";

const [reference, ...attestations] = process.argv.slice(2);
const { COSIGN_KEY, IDENTITY_TOKEN, INSECURE } = process.env;
const insecure = INSECURE === "1";
const signing = cosignOptions({ key: COSIGN_KEY, insecure });
const checking = COSIGN_KEY ? cosignOptions({ key: publicKey(COSIGN_KEY), insecure }) : undefined;
const identity = IDENTITY_TOKEN ? ["--identity-token", IDENTITY_TOKEN] : [];
const sign = [...signing.registry, ...signing.sign, ...identity, "--yes"];

if (!verified("verify")) must("sign", ...sign, reference);
for (const attestation of attestations) attest(...attestation.split("="));

function attest(type, predicate) {
  if (verified("verify-attestation", "--type", type)) return;
  must("attest", ...sign, "--type", type, "--predicate", predicate, reference);
}

// Keyless signatures are made anew: whose they are is for the reader to say.
function verified(command, ...words) {
  return checking ? cosign(command, ...checking.registry, ...checking.verify, ...words, reference).ok : false;
}

function publicKey(key) {
  const file = join(mkdtempSync(join(tmpdir(), "signer-")), "cosign.pub");
  must("public-key", "--key", key, "--outfile", file);
  return file;
}

function must(...words) {
  const { ok, text } = cosign(...words);
  if (ok) return;
  console.error(text);
  process.exit(1);
}
