import { expect, it } from "vitest";
import { OWN_SERVICES } from "../../src/spec/parse-system.ts";
import { imageEvidence } from "../../src/supply-chain/image-evidence.ts";
import { LICENCE_POLICY, parseLicencePolicy } from "../../src/supply-chain/licence-policy.ts";
import { LINT_POLICY, parseLintPolicy } from "../../src/supply-chain/lint-policy.ts";
import { SECRET_PATTERNS, secretsIn } from "../../src/supply-chain/secret-patterns.ts";
import type { SpdxDocument } from "../../src/supply-chain/spdx.ts";
import {
  parseVulnerabilityPolicy,
  VULNERABILITY_POLICY,
} from "../../src/supply-chain/vulnerability-policy.ts";
import { repoText } from "./support/repo.ts";

it("are valid, and name images that exist", () => {
  const lint = parseLintPolicy(repoText(LINT_POLICY));
  const named = [
    ...Object.keys(lint.shells),
    ...lint.exceptions.map(({ image }) => image),
    ...parseVulnerabilityPolicy(repoText(VULNERABILITY_POLICY)).ignore.flatMap(({ images = [] }) => images),
    ...parseLicencePolicy(repoText(LICENCE_POLICY)).exceptions.flatMap(({ images = [] }) => images),
  ];
  for (const image of named) expect(OWN_SERVICES).toContain(image);
});

it("let neither the supervisor nor the gateway have a shell", () => {
  const { shells } = parseLintPolicy(repoText(LINT_POLICY));
  expect(shells).not.toHaveProperty("supervisor");
  expect(shells).not.toHaveProperty("mcp-gateway");
});

// In parts, so that a scanner of this repository does not take them for real.
it.each([
  ["private key", ["-----BEGIN EC PRIVATE", ` KEY-----\n${"QUJD".repeat(20)}\n-----END`]],
  ["AWS access key", ["AK", `IA${"A1B2".repeat(4)}`]],
  ["Anthropic key", ["sk-ant", `-api03-${"aB3_".repeat(12)}`]],
  ["GitHub token", ["gh", `p_${"aB3d".repeat(9)}`]],
  ["npm token", ["np", `m_${"aB3d".repeat(9)}`]],
  ["NATS seed", ["SU", `A${"M2YB".repeat(14)}`.slice(0, 56)]],
])("know what a %s looks like", (name, parts) => {
  expect(secretsIn(`before ${parts.join("")} after`)).toEqual([name]);
  expect(SECRET_PATTERNS.map((pattern) => pattern.name)).toContain(name);
});

it.each(["-----BEGIN PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE", "sk-ant-", "ghp_", "SUPERVISOR"])(
  "do not take the word %s for a secret",
  (text) => {
    expect(secretsIn(`message: ${text} expected`)).toEqual([]);
  },
);

it("the evidence of an image counts, and does not call an image clean that nobody scanned", () => {
  const finding = { image: "shop", rule: "setuid" as const, what: "mode 4755", path: "/su" };
  const evidence = imageEvidence({
    image: "shop",
    digest: "sha256:ab",
    layers: [{ digest: "sha256:cd", bytes: 10, compressedBytes: 5 }],
    sbom: { packages: [] } as unknown as SpdxDocument,
    licences: [],
    signature: "unsigned",
    lint: [finding, finding, { ...finding, image: "other" }],
  });
  expect(evidence).toEqual({
    image: "shop",
    digest: "sha256:ab",
    layers: [{ digest: "sha256:cd", bytes: 10, compressedBytes: 5 }],
    packages: {},
    licences: { kinds: 0, refused: 0, mostFrequent: "" },
    signature: "unsigned",
    lint: { findings: 2, rules: ["setuid"] },
  });
});
