import { describe, expect, it } from "vitest";
import { parseOsvReport } from "../../src/supply-chain/osv-report.ts";
import {
  idleEntries,
  judgeFindings,
  refusedFindings,
  scanText,
} from "../../src/supply-chain/vulnerability-gate.ts";
import { parseVulnerabilityPolicy } from "../../src/supply-chain/vulnerability-policy.ts";

const REPORT = JSON.stringify({
  results: [
    {
      source: { path: "/in/shop.spdx.json", type: "sbom" },
      packages: [
        {
          package: { name: "pino", version: "10.4.0", ecosystem: "npm" },
          vulnerabilities: [{ id: "GHSA-planted", summary: "logs too much" }],
          groups: [{ ids: ["GHSA-planted"], aliases: ["CVE-2026-1"], max_severity: "8.1" }],
        },
        {
          package: { name: "libc6", version: "2.36", ecosystem: "Debian:12" },
          vulnerabilities: [{ id: "DEBIAN-1" }],
          groups: [{ ids: ["DEBIAN-1"], aliases: null, max_severity: "" }],
        },
      ],
    },
  ],
});
const IGNORE = "{ id: GHSA-planted, reason: the function is not called, until: 2026-12-31 }";

function policy(ignore = "", threshold = "high") {
  return parseVulnerabilityPolicy(`threshold: ${threshold}\nwithoutSeverity: medium\nignore: [${ignore}]\n`);
}

function judged(ignore = "", today = "2026-06-01", threshold = "high", image = "shop") {
  return judgeFindings(image, parseOsvReport(REPORT), policy(ignore, threshold), today);
}

describe("a planted vulnerability", () => {
  it("is refused", () => {
    expect(refusedFindings(judged()).map(({ id, severity }) => [id, severity])).toEqual([
      ["GHSA-planted", "high"],
    ]);
  });

  it("passes with a dated entry, to the end of its last day", () => {
    expect(refusedFindings(judged(IGNORE))).toEqual([]);
    expect(refusedFindings(judged(IGNORE, "2026-12-31"))).toEqual([]);
  });

  it("is refused again after that day, and the text says why", () => {
    const result = judged(IGNORE, "2027-01-01");
    expect(refusedFindings(result).map(({ verdict }) => verdict)).toEqual(["expired"]);
    expect(scanText([result], policy(IGNORE))).toContain("the ignore entry ended on 2026-12-31");
  });

  it("passes by its other name too, but only in the images of the entry", () => {
    const entry = "{ id: CVE-2026-1, reason: not reachable here, until: 2026-12-31, images: [shop] }";
    expect(refusedFindings(judged(entry))).toEqual([]);
    expect(refusedFindings(judged(entry, "2026-06-01", "high", "tools"))).toHaveLength(1);
  });

  it("is below a higher threshold", () => {
    expect(refusedFindings(judged("", "2026-06-01", "critical"))).toEqual([]);
  });
});

it("counts one without a score as the policy says", () => {
  expect(refusedFindings(judged("", "2026-06-01", "medium")).map(({ id }) => id)).toContain("DEBIAN-1");
});

it("finds nothing in an empty report", () => {
  expect(parseOsvReport('{"results":[]}')).toEqual([]);
  expect(parseOsvReport('{"results":null}')).toEqual([]);
});

it("names entries that nothing needs any more", () => {
  const stale = "{ id: GHSA-gone, reason: was not reachable, until: 2026-12-31 }";
  const given = policy(`${IGNORE}, ${stale}`);
  const result = judgeFindings("shop", parseOsvReport(REPORT), given, "2026-06-01");
  expect(idleEntries([result], given).map(({ id }) => id)).toEqual(["GHSA-gone"]);
});

it.each([
  ["{ id: X, until: 2026-12-31 }", "ci/policies/vulnerabilities.yaml:3 ignore.0.reason: a reason is missing"],
  ["{ id: X, reason: because, until: 2026-12-31 }", "a reason of at least 10 characters is missing"],
  ["{ id: X, reason: it is not reachable }", "ignore.0.until: the date `until` is missing"],
  ["{ id: X, reason: it is not reachable, until: soon }", "must read YYYY-MM-DD"],
  ["{ id: X, reason: it is not reachable, until: 2026-13-45 }", "there is no such day"],
  ["{ id: X, reason: it is not reachable, until: 2026-12-31, utnil: 1 }", "utnil"],
])("refuses the entry %s", (entry, reason) => {
  expect(() => policy(entry)).toThrow(/^MS-SUPPLY-002 /);
  expect(() => policy(entry)).toThrow(reason);
});

it("refuses a policy that is no YAML, naming the file", () => {
  expect(() => parseVulnerabilityPolicy("threshold: [")).toThrow(
    /^MS-SUPPLY-002 ci\/policies\/vulnerabilities.yaml/,
  );
});
