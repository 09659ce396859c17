import { describe, expect, it } from "vitest";
import { buildOrigin } from "../../src/supply-chain/build-origin.ts";
import {
  baseMaterial,
  type ProvenanceStatement,
  provenanceProblems,
  provenanceStatement,
} from "../../src/supply-chain/provenance.ts";

const BASE = `sha256:${"11".repeat(32)}`;
const subject = { repository: "mistersmith/shop", digest: `sha256:${"ab".repeat(32)}` };
const origin = {
  source: "https://github.com/owner/repo",
  revision: "0123456789abcdef0123456789abcdef01234567",
  builder: "https://github.com/owner/repo/.github/workflows/ci.yml@refs/heads/main",
  release: "1.4.0",
  engine: "v0.19.10",
};
const expected = { source: origin.source, revision: origin.revision, builder: origin.builder };

function statement(): ProvenanceStatement {
  const material = baseMaterial("debian:bookworm-slim", `debian:bookworm-slim@${BASE}`, false);
  return provenanceStatement(subject, origin, [material]);
}

describe("a statement", () => {
  it("names source, revision, builder and the digests of the bases", () => {
    expect(statement()).toEqual({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "mistersmith/shop", digest: { sha256: "ab".repeat(32) } }],
      predicateType: "https://slsa.dev/provenance/v1",
      predicate: {
        buildDefinition: {
          buildType: "urn:mistersmith:pipeline:v1",
          externalParameters: { source: origin.source, revision: origin.revision, image: "mistersmith/shop" },
          internalParameters: { release: "1.4.0" },
          resolvedDependencies: [
            {
              uri: `git+${origin.source}@${origin.revision}`,
              digest: { gitCommit: origin.revision },
              name: "source",
            },
            { uri: "pkg:docker/debian@bookworm-slim", digest: { sha256: "11".repeat(32) }, name: "base" },
          ],
        },
        runDetails: { builder: { id: origin.builder, version: { dagger: "v0.19.10" } } },
      },
    });
  });

  it("says of a stand-in that it is one", () => {
    expect(
      baseMaterial("debian:bookworm-slim", `debian:bookworm-slim@${BASE}`, true).annotations,
    ).toBeDefined();
  });

  it("agrees with its own image and origin", () => {
    expect(provenanceProblems(statement(), subject, expected)).toEqual([]);
  });

  it.each([
    ["another image", { ...subject, digest: BASE }, expected, /subject is sha256:abab.*, not sha256:1111/],
    ["another revision", subject, { ...expected, revision: "f".repeat(40) }, /revision is 0123.*, not ffff/],
    [
      "another source",
      subject,
      { ...expected, source: "https://example.test/fork" },
      /source is .*not .*fork/,
    ],
    ["another builder", subject, { ...expected, builder: "urn:other" }, /builder is .*not urn:other/],
  ])("is refused for %s", (_, image, asked, reason) => {
    expect(provenanceProblems(statement(), image, asked).join()).toMatch(reason);
  });

  it("is refused without a base, or with one that has no digest", () => {
    const bare = provenanceStatement(subject, origin, []);
    expect(provenanceProblems(bare, subject, expected)).toEqual(["no base image is named"]);
    const loose = provenanceStatement(subject, origin, [baseMaterial("debian:12", "debian:12", false)]);
    expect(provenanceProblems(loose, subject, expected)).toEqual([
      "the base pkg:docker/debian@12 has no digest",
    ]);
  });

  it("is refused when it is something else altogether", () => {
    expect(provenanceProblems({}, subject, {}).length).toBeGreaterThan(2);
    expect(provenanceProblems(null, subject, {}).length).toBeGreaterThan(2);
  });
});

describe("where a build comes from", () => {
  it("holds no credentials of a remote", () => {
    const given = { ...origin, source: "https://user:token@github.com/owner/repo.git" };
    expect(buildOrigin(given).source).toBe("https://github.com/owner/repo");
  });

  it.each([
    [{ revision: "unknown" }, "--revision"],
    [{ source: "git@github.com:owner/repo" }, "--source-url"],
    [{ builder: "me" }, "--builder"],
  ])("is refused when it says nothing: %o", (wrong, flag) => {
    expect(() => buildOrigin({ ...origin, ...wrong })).toThrow(/^MS-SUPPLY-013 /);
    expect(() => buildOrigin({ ...origin, ...wrong })).toThrow(flag);
  });
});
