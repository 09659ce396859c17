import { expect, it } from "vitest";
import { normaliseSbom, spdxText } from "../../src/supply-chain/normalise-sbom.ts";
import { countPackages, parseSpdx, type SpdxDocument } from "../../src/supply-chain/spdx.ts";

const image = {
  repository: "mistersmith/shop",
  digest: `sha256:${"ab".repeat(32)}`,
  architecture: "amd64",
  created: "1970-01-01T00:00:00.000Z",
  release: "1.4.0",
};
const purl = (locator: string) => [
  { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: locator },
];

/** What the generator writes: other order, time and namespace in each run. */
function generated(run: number): SpdxDocument {
  const packages = [
    {
      SPDXID: "SPDXRef-Package-b",
      name: "b",
      licenseDeclared: "NOASSERTION",
      externalRefs: purl("pkg:cargo/b@1.0.0"),
    },
    {
      SPDXID: "SPDXRef-Package-a",
      name: "a",
      licenseDeclared: "ISC",
      externalRefs: purl("pkg:npm/a@1.0.0?x=y"),
    },
    {
      SPDXID: `SPDXRef-DocumentRoot-Image-tmp-${run}`,
      name: `/tmp/${run}`,
      externalRefs: purl(`pkg:oci/tmp@${run}`),
    },
  ];
  const relationships = ["a", "b"].map((name) => ({
    spdxElementId: `SPDXRef-DocumentRoot-Image-tmp-${run}`,
    relatedSpdxElement: `SPDXRef-Package-${name}`,
    relationshipType: "CONTAINS",
  }));
  return {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `/tmp/${run}`,
    documentNamespace: `https://example.test/${run}`,
    creationInfo: { created: `2026-01-0${run}T00:00:00Z`, creators: ["Tool: syft-1.57.0"] },
    packages: run % 2 === 0 ? packages : packages.reverse(),
    relationships: run % 2 === 0 ? relationships : relationships.reverse(),
  };
}

it("gives the same text for two runs over the same image, and another for another image", () => {
  const texts = [1, 2].map((run) => spdxText(normaliseSbom(generated(run), image, {})));
  expect(texts[0]).toBe(texts[1]);
  const other = { ...image, digest: `sha256:${"cd".repeat(32)}` };
  expect(spdxText(normaliseSbom(generated(1), other, {}))).not.toBe(texts[0]);
});

it.each(["amd64", "arm64"])("names the image with the processor that it is for: %s", (architecture) => {
  const document = normaliseSbom(generated(1), { ...image, architecture }, {});
  expect(spdxText(document)).toContain(`?arch=${architecture}"`);
});

it("describes the image that is published, not the layout that the generator saw", () => {
  const document = normaliseSbom(generated(1), image, {});
  expect(document.name).toBe("mistersmith/shop");
  expect(document.documentNamespace).toBe(`https://spdx.org/spdxdocs/mistersmith-shop-${"ab".repeat(32)}`);
  expect(document.creationInfo).toEqual({ created: "1970-01-01T00:00:00Z", creators: ["Tool: syft-1.57.0"] });
  expect(document.packages.find((entry) => entry.SPDXID.includes("DocumentRoot"))).toMatchObject({
    name: "mistersmith/shop",
    versionInfo: "1.4.0",
    checksums: [{ algorithm: "SHA256", checksumValue: "ab".repeat(32) }],
  });
});

it("names no files: the generator gives them without sums", () => {
  const file = { SPDXID: "SPDXRef-File-x", fileName: "x" };
  const relation = {
    spdxElementId: "SPDXRef-Package-a",
    relatedSpdxElement: file.SPDXID,
    relationshipType: "OTHER",
  };
  const document = generated(1);
  const changed = {
    ...document,
    files: [file],
    relationships: [...(document.relationships ?? []), relation],
  };
  expect(spdxText(normaliseSbom(changed, image, {}))).not.toContain("SPDXRef-File-");
});

it("adds a licence where the image tells none, and never replaces one", () => {
  const known = { "pkg:cargo/b@1.0.0": "MIT", "pkg:npm/a@1.0.0": "MIT" };
  const licences = normaliseSbom(generated(1), image, known).packages.map(({ name, licenseDeclared }) => [
    name,
    licenseDeclared,
  ]);
  expect(licences).toContainEqual(["b", "MIT"]);
  expect(licences).toContainEqual(["a", "ISC"]);
});

it("a crate of the workspace gets a package URL, and its licence by it", () => {
  const document = generated(1);
  const own = { SPDXID: "SPDXRef-Package-rust-crate-shop-1", name: "shop", versionInfo: "0.1.0" };
  document.packages.push({ ...own, licenseDeclared: "NOASSERTION" });
  const known = { "pkg:cargo/shop@0.1.0": "Apache-2.0" };
  const normal = normaliseSbom(document, image, known);
  expect(normal.packages.find(({ name }) => name === "shop")?.licenseDeclared).toBe("Apache-2.0");
  expect(countPackages(normal)).toEqual({ cargo: 2, npm: 1 });
});

it("counts packages by their kind, the image itself not among them", () => {
  expect(countPackages(generated(1))).toEqual({ cargo: 1, npm: 1 });
});

it("refuses what is no SPDX document", () => {
  expect(() => parseSpdx('{"bomFormat":"CycloneDX"}')).toThrow("no SPDX document");
});
