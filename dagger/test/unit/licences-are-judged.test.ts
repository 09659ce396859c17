import { describe, expect, it } from "vitest";
import { parseExpression, satisfied } from "../../src/supply-chain/licence-expression.ts";
import { licenceCounts, licenceRows, refusedLicences } from "../../src/supply-chain/licence-list.ts";
import { parseLicencePolicy } from "../../src/supply-chain/licence-policy.ts";
import { licencesMarkdown, licencesText } from "../../src/supply-chain/licence-text.ts";
import type { SpdxDocument } from "../../src/supply-chain/spdx.ts";

const POLICY = [
  "allow: [MIT, Apache-2.0, Apache-2.0 WITH LLVM-exception]",
  "deny: [AGPL-3.0-only]",
  "unjudged: [{ ecosystem: deb, reason: Debian passes it on }]",
  "exceptions: [{ package: closed, images: [worker], reason: installed by its user }]",
].join("\n");
const policy = parseLicencePolicy(POLICY);

function document(packages: [name: string, kind: string, licence: string][]): SpdxDocument {
  return {
    packages: packages.map(([name, kind, licenseDeclared]) => ({
      SPDXID: `SPDXRef-Package-${name}`,
      name,
      versionInfo: "1.0.0",
      licenseDeclared,
      externalRefs: [
        {
          referenceCategory: "PACKAGE-MANAGER",
          referenceType: "purl",
          referenceLocator: `pkg:${kind}/${name}@1.0.0`,
        },
      ],
    })),
    hasExtractedLicensingInfos: [{ licenseId: "LicenseRef-abc", name: "Our Own Terms" }],
  } as unknown as SpdxDocument;
}

function verdicts(image: string, packages: [string, string, string][]): [string, string][] {
  return licenceRows(image, document(packages), policy).map((row) => [row.package, row.verdict]);
}

describe("an expression", () => {
  const allowed = (id: string) =>
    ["MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"].includes(id);
  it.each([
    ["MIT", true],
    ["MIT OR GPL-3.0-only", true],
    ["MIT AND GPL-3.0-only", false],
    ["GPL-3.0-only AND MIT OR Apache-2.0", true],
    ["GPL-3.0-only AND (MIT OR Apache-2.0)", false],
    ["(MIT OR Apache-2.0) AND MIT", true],
    ["GPL-2.0-only WITH Classpath-exception-2.0", true],
    ["GPL-2.0-only", false],
  ])("%s: %s", (text, wanted) => {
    expect(satisfied(parseExpression(text), allowed)).toBe(wanted);
  });

  it.each(["", "MIT OR", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH"])("'%s' is none", (text) => {
    expect(() => parseExpression(text)).toThrow();
  });
});

describe("a package", () => {
  it("is allowed, unjudged by its kind, or refused", () => {
    const packages: [string, string, string][] = [
      ["fine", "cargo", "MIT OR AGPL-3.0-only"],
      ["viral", "npm", "AGPL-3.0-only"],
      ["silent", "npm", "NOASSERTION"],
      ["own", "npm", "LicenseRef-abc"],
      ["libc6", "deb", "GPL-2.0-only"],
    ];
    expect(verdicts("shop", packages)).toEqual([
      ["fine", "allowed"],
      ["libc6", "unjudged"],
      ["own", "refused"],
      ["silent", "refused"],
      ["viral", "refused"],
    ]);
  });

  it("is accepted by an exception in its image only", () => {
    expect(verdicts("worker", [["closed", "npm", "NOASSERTION"]])).toEqual([["closed", "exception"]]);
    expect(verdicts("shop", [["closed", "npm", "NOASSERTION"]])).toEqual([["closed", "refused"]]);
  });
});

describe("a denied licence is refused", () => {
  const DENIED = [
    "AGPL-3.0-only",
    "agpl-3.0-only",
    "GPL-2.0-only AND AGPL-3.0-only",
    "AGPL-3.0-only WITH some-exception",
    "AGPL-3.0-only+",
    "GPL 2 or AGPL-3.0-only (see there)",
  ];
  it.each(DENIED)("although nobody judges the packages of its kind: %s", (licence) => {
    expect(verdicts("shop", [["planted", "deb", licence]])).toEqual([["planted", "refused"]]);
  });

  it.each(DENIED)("although an exception names the package: %s", (licence) => {
    expect(verdicts("worker", [["closed", "npm", licence]])).toEqual([["closed", "refused"]]);
  });

  it("unless another one may be chosen", () => {
    expect(verdicts("shop", [["either", "deb", "GPL-2.0-only OR AGPL-3.0-only"]])).toEqual([
      ["either", "unjudged"],
    ]);
  });

  it("and its row says that no exception helps", () => {
    const rows = licenceRows("shop", document([["planted", "deb", "AGPL-3.0-only"]]), policy);
    expect(licencesMarkdown({ image: "shop", rows })).toContain("| refused: the policy denies this licence");
  });
});

it("lists what is refused, and each package with its reason", () => {
  const rows = licenceRows(
    "worker",
    document([
      ["viral", "npm", "AGPL-3.0-only"],
      ["closed", "npm", "NONE"],
    ]),
    policy,
  );
  expect(licencesText([{ image: "worker", rows }])).toContain("viral 1.0.0  npm  AGPL-3.0-only");
  expect(licencesMarkdown({ image: "worker", rows })).toContain("| exception: installed by its user |");
  expect(refusedLicences(rows)).toHaveLength(1);
});

it("counts the most frequent licence first", () => {
  const rows = licenceRows(
    "shop",
    document([
      ["a", "npm", "MIT"],
      ["b", "npm", "ISC"],
      ["c", "npm", "MIT"],
    ]),
    policy,
  );
  expect(licenceCounts(rows)).toEqual([
    ["MIT", 2],
    ["ISC", 1],
  ]);
});

it("an exception without a reason is none", () => {
  const text = POLICY.replace(", reason: installed by its user", "");
  expect(() => parseLicencePolicy(text)).toThrow(
    /^MS-SUPPLY-002 ci\/policies\/licences.yaml:4 exceptions.0.reason/,
  );
});
