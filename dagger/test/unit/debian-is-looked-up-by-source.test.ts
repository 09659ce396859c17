import { describe, expect, it } from "vitest";
import { withDebianSources } from "../../src/supply-chain/debian-sources.ts";
import { notLookedUp } from "../../src/supply-chain/osv-database.ts";
import { purlOf, type SpdxDocument } from "../../src/supply-chain/spdx.ts";

function document(...purls: string[]): SpdxDocument {
  return {
    packages: purls.map((referenceLocator, index) => ({
      SPDXID: `SPDXRef-Package-${index}`,
      name: /\/([^/@]+)@/.exec(referenceLocator)?.[1] ?? "",
      versionInfo: "1",
      externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator }],
    })),
    relationships: [],
  } as unknown as SpdxDocument;
}

const looked = (...purls: string[]) => withDebianSources(document(...purls)).packages.map(purlOf);

describe("a Debian package", () => {
  it.each([
    [
      "its source, at its own version",
      "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&upstream=glibc&distro=debian-12",
      "pkg:deb/debian/glibc@2.36-9%2Bdeb12u10?arch=source&distro=debian-12",
    ],
    [
      "its source, at the version of the source",
      "pkg:deb/debian/libgcc-s1@12.2.0-14%2Bb1?arch=amd64&upstream=gcc-12%4012.2.0-14&distro=debian-12",
      "pkg:deb/debian/gcc-12@12.2.0-14?arch=source&distro=debian-12",
    ],
    [
      "a package of the release, when the image tells its point release",
      "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12.15&upstream=glibc",
      "pkg:deb/debian/glibc@2.36-9?arch=source&distro=debian-12",
    ],
    [
      "itself, when its source has its name",
      "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2?arch=amd64&distro=debian-12",
      "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2?arch=source&distro=debian-12",
    ],
  ])("is looked up as %s", (_, installed, source) => {
    expect(looked(installed)).toEqual([source]);
  });

  it("and another of the same source are looked up once", () => {
    const rest = "@2.36?upstream=glibc&distro=debian-12";
    expect(looked(`pkg:deb/debian/libc6${rest}`, `pkg:deb/debian/libc-bin${rest}`)).toHaveLength(1);
  });

  it("without a release is an error: nothing would be found of it", () => {
    expect(() => looked("pkg:deb/debian/libc6@2.36?arch=amd64")).toThrow(
      /^MS-SUPPLY-001 libc6: .* no release/,
    );
  });
});

it("packages of other kinds stay as they are", () => {
  expect(looked("pkg:npm/%40a/b@1.0.0", "pkg:cargo/c@1.0.0")).toEqual([
    "pkg:npm/%40a/b@1.0.0",
    "pkg:cargo/c@1.0.0",
  ]);
});

it("what no database knows is named: not looked at is not the same as nothing found", () => {
  const kinds = document("pkg:generic/node@24.21.0", "pkg:npm/pino@10.4.0");
  expect(notLookedUp(kinds)).toEqual(["node 1"]);
});
