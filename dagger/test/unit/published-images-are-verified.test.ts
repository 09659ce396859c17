import { describe, expect, it } from "vitest";
import { missingDatabases } from "../../src/supply-chain/osv-database.ts";
import { baseMaterial, provenanceStatement } from "../../src/supply-chain/provenance.ts";
import { signerOf, verifierOf } from "../../src/supply-chain/signing.ts";
import type { SpdxDocument } from "../../src/supply-chain/spdx.ts";
import {
  type RegistryAnswers,
  refuseUnverified,
  verificationProblems,
} from "../../src/supply-chain/verification.ts";
import { given } from "../../src/text/given.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const other = `sha256:${"cd".repeat(32)}`;
const origin = { source: "https://github.com/owner/repo", revision: "a".repeat(40), builder: "urn:ci" };
const image = { repository: "mistersmith/shop", tag: "latest", digest, origin };
const statement = provenanceStatement(
  { repository: image.repository, digest },
  { ...origin, release: "1", engine: "v0.19.10" },
  [baseMaterial("debian:12", `debian:12@${other}`, false)],
);
const yes = { ok: true, text: "" };
const no = (text: string) => ({ ok: false, text, statements: [] });
const good: RegistryAnswers = {
  held: digest,
  content: yes,
  signature: yes,
  provenance: { ...yes, statements: [statement] },
  sbom: { ...yes, statements: [{}] },
};

function codes(answers: Partial<RegistryAnswers>, expected = image): string[] {
  return verificationProblems(expected, { ...good, ...answers }).map(({ code }) => code);
}

describe("what a registry holds", () => {
  it("is verified when digest, content, signature and attestations agree", () => {
    expect(codes({})).toEqual([]);
    expect(() => refuseUnverified([])).not.toThrow();
  });

  it.each([
    ["MS-SUPPLY-010", "another image under the tag", { held: other }],
    ["MS-SUPPLY-010", "nothing under the tag", { held: "" }],
    ["MS-SUPPLY-010", "content that was changed", { content: no("layer does not match") }],
    ["MS-SUPPLY-007", "no signature of this key", { signature: no("no matching signatures") }],
    ["MS-SUPPLY-008", "no provenance", { provenance: no("none found") }],
    ["MS-SUPPLY-008", "no SBOM", { sbom: no("none found") }],
    ["MS-SUPPLY-009", "no statement in the provenance", { provenance: { ...yes, statements: [] } }],
  ])("%s: %s", (code, _, answers) => {
    expect(codes(answers)).toEqual([code]);
  });

  it("MS-SUPPLY-009: a provenance from elsewhere", () => {
    expect(codes({}, { ...image, origin: { ...origin, revision: "b".repeat(40) } })).toEqual([
      "MS-SUPPLY-009",
    ]);
    const foreign = { ...statement, subject: [{ name: "x", digest: { sha256: "cd".repeat(32) } }] };
    expect(codes({ provenance: { ...yes, statements: [foreign] } })).toEqual(["MS-SUPPLY-009"]);
  });

  it("is verified by one statement of several", () => {
    expect(codes({ provenance: { ...yes, statements: [{}, statement] } })).toEqual([]);
  });

  it("is refused with the gravest reason first and the others below", () => {
    const problems = verificationProblems(image, {
      ...good,
      sbom: no("none"),
      held: other,
      signature: no("wrong key"),
    });
    expect(() => refuseUnverified(problems)).toThrow(
      /^MS-SUPPLY-010 [^\n]*\nMS-SUPPLY-007 [^\n]*\nMS-SUPPLY-008 [^\n]*$/,
    );
  });
});

describe("who signs", () => {
  it("is a key, an identity, or nobody", () => {
    expect(signerOf({})).toEqual({ kind: "none" });
    expect(signerOf({ key: "k", keyPassword: "p" })).toEqual({ kind: "key", key: "k", password: "p" });
    expect(signerOf({ identityToken: "t" })).toEqual({ kind: "keyless", identityToken: "t" });
  });

  it.each([[{ key: "k", identityToken: "t" }], [{ keyPassword: "p" }]])("is refused: %o", (wrong) => {
    expect(() => signerOf(wrong)).toThrow(/^MS-SUPPLY-013 /);
  });

  it("must be said to verify: a signature of anybody proves nothing", () => {
    expect(verifierOf({ publicKey: "k" })).toEqual({ kind: "key", publicKey: "k" });
    expect(verifierOf({ certificateIdentity: "i", certificateIssuer: "s" }).kind).toBe("keyless");
    for (const wrong of [{}, { certificateIdentity: "i" }, { publicKey: "k", certificateIdentity: "i" }])
      expect(() => verifierOf(wrong)).toThrow(/^MS-SUPPLY-013 /);
  });
});

it("a database lacks the ecosystems that an image has and it has not", () => {
  const purl = (kind: string) => [
    { referenceCategory: "", referenceType: "purl", referenceLocator: `pkg:${kind}/x@1` },
  ];
  const packages = ["npm", "cargo", "generic"].map((kind) => ({
    SPDXID: kind,
    name: kind,
    externalRefs: purl(kind),
  }));
  const document = { packages } as unknown as SpdxDocument;
  expect(missingDatabases(document, ["npm/all.zip"])).toEqual(["crates.io"]);
  expect(missingDatabases(document, ["npm/all.zip", "crates.io/all.zip"])).toEqual([]);
});

it("what the engine passes as null was not given", () => {
  expect(given({ a: null, b: undefined, c: "", d: false })).toEqual({ c: "", d: false });
});
