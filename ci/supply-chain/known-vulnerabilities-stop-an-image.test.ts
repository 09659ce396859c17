import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { spdxText } from "../../dagger/src/supply-chain/normalise-sbom.ts";
import { SCANNER_STATUS } from "../../dagger/src/supply-chain/osv-database.ts";
import { parseOsvReport } from "../../dagger/src/supply-chain/osv-report.ts";
import { judgeFindings, refusedFindings } from "../../dagger/src/supply-chain/vulnerability-gate.ts";
import { parseVulnerabilityPolicy } from "../../dagger/src/supply-chain/vulnerability-policy.ts";
import { billOf, testImage } from "./harness/bill.ts";
import { runStep, Workplace } from "./harness/steps.ts";
import { zip } from "./harness/zip.ts";

const work = new Workplace();
afterAll(() => work.remove());

const LOCK = JSON.stringify({
  name: "shop",
  lockfileVersion: 3,
  packages: { "": { name: "shop", version: "1.0.0" }, "node_modules/planted": { version: "1.2.3" } },
});
const IGNORE = "{ id: GHSA-plan-tedd-0001, reason: the function is not called, until: 2026-12-31 }";

/** A record of the database about versions of `planted` below one. */
function record(fixed: string): string {
  return JSON.stringify({
    id: "GHSA-plan-tedd-0001",
    modified: "2026-01-01T00:00:00Z",
    published: "2026-01-01T00:00:00Z",
    aliases: ["CVE-2026-0001"],
    summary: "planted for a test",
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
    affected: [
      {
        package: { ecosystem: "npm", name: "planted", purl: "pkg:npm/planted" },
        ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed }] }],
      },
    ],
  });
}

function database(name: string, fixed: string): string {
  const directory = work.file(name);
  const file = `${directory}/osv-scalibr/npm/all.zip`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, zip({ "GHSA-plan-tedd-0001.json": record(fixed) }));
  return directory;
}

let bill = "";
beforeAll(() => {
  const image = testImage(work, "shop", [{ "app/run": { content: "x" } }]);
  bill = work.file("shop.spdx.json");
  writeFileSync(bill, spdxText(billOf(work, image, { "app/package-lock.json": LOCK })));
});

let runs = 0;
function scan(databaseDirectory: string) {
  runs += 1;
  const out = work.file(`scan-${runs}`);
  runStep("scan-sbom.sh", [bill, out], { OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY: databaseDirectory });
  return { status: Number(readFileSync(`${out}/status`, "utf8").trim()), out };
}

function refused(databaseDirectory: string, ignore: string, today: string): string[] {
  const { status, out } = scan(databaseDirectory);
  expect([SCANNER_STATUS.none, SCANNER_STATUS.some]).toContain(status);
  const policy = parseVulnerabilityPolicy(`threshold: high\nwithoutSeverity: medium\nignore: [${ignore}]\n`);
  const result = judgeFindings(
    "shop",
    parseOsvReport(readFileSync(`${out}/findings.json`, "utf8")),
    policy,
    today,
  );
  return refusedFindings(result).map(({ id, severity, verdict }) => `${verdict} ${id} ${severity}`);
}

it("a planted finding is red", () => {
  expect(refused(database("planted", "2.0.0"), "", "2026-06-01")).toEqual([
    "refused GHSA-plan-tedd-0001 critical",
  ]);
});

it("with a dated ignore it is green, and after its date red again", () => {
  const planted = database("ignored", "2.0.0");
  expect(refused(planted, IGNORE, "2026-12-31")).toEqual([]);
  expect(refused(planted, IGNORE, "2027-01-01")).toEqual(["expired GHSA-plan-tedd-0001 critical"]);
});

it("a version that holds the correction is green", () => {
  expect(refused(database("fixed", "1.0.0"), "", "2026-06-01")).toEqual([]);
});

it("a missing database is an error and not green", () => {
  expect(scan(work.file("nothing")).status).toBe(SCANNER_STATUS.noDatabase);
});
