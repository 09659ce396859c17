import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withDebianSources } from "../../dagger/src/supply-chain/debian-sources.ts";
import { spdxText } from "../../dagger/src/supply-chain/normalise-sbom.ts";
import { SCANNER_STATUS } from "../../dagger/src/supply-chain/osv-database.ts";
import { parseOsvReport } from "../../dagger/src/supply-chain/osv-report.ts";
import { judgeFindings, refusedFindings } from "../../dagger/src/supply-chain/vulnerability-gate.ts";
import { parseVulnerabilityPolicy } from "../../dagger/src/supply-chain/vulnerability-policy.ts";
import { billOf, DEBIAN_EVIDENCE, testImage } from "./harness/bill.ts";
import { runStep, Workplace } from "./harness/steps.ts";
import { zip } from "./harness/zip.ts";

const work = new Workplace();
afterAll(() => work.remove());

const LOCK = JSON.stringify({
  name: "shop",
  lockfileVersion: 3,
  packages: { "": { name: "shop", version: "1.0.0" }, "node_modules/planted": { version: "1.2.3" } },
});
const ID = "GHSA-plan-tedd-0001";
const IGNORE = `{ id: ${ID}, reason: the function is not called, until: 2026-12-31 }`;

/** What a record of the database is about: every version below one is affected. */
interface Planted {
  /** With its release, where it has some. */
  ecosystem: string;
  name: string;
  fixed: string;
}

function record({ ecosystem, name, fixed }: Planted): string {
  const type = ecosystem === "npm" ? "SEMVER" : "ECOSYSTEM";
  return JSON.stringify({
    id: ID,
    modified: "2026-01-01T00:00:00Z",
    published: "2026-01-01T00:00:00Z",
    aliases: ["CVE-2026-0001"],
    summary: "planted for a test",
    severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" }],
    affected: [
      { package: { ecosystem, name }, ranges: [{ type, events: [{ introduced: "0" }, { fixed }] }] },
    ],
  });
}

let databases = 0;
/** A database of both ecosystems with one record. */
function database(planted: Planted): string {
  databases += 1;
  const directory = work.file(`database-${databases}`);
  for (const ecosystem of ["npm", "Debian"]) {
    const file = `${directory}/osv-scalibr/${ecosystem}/all.zip`;
    mkdirSync(dirname(file), { recursive: true });
    const records = planted.ecosystem.startsWith(ecosystem) ? { [`${ID}.json`]: record(planted) } : {};
    writeFileSync(file, zip(records));
  }
  return directory;
}

const inNpm = (fixed: string): string => database({ ecosystem: "npm", name: "planted", fixed });

let bill = "";
beforeAll(() => {
  const image = testImage(work, "shop", [{ "app/run": { content: "x" } }]);
  const document = billOf(work, image, { ...DEBIAN_EVIDENCE, "app/package-lock.json": LOCK });
  bill = work.file("shop.spdx.json");
  writeFileSync(bill, spdxText(withDebianSources(document)));
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
  const findings = parseOsvReport(readFileSync(`${out}/findings.json`, "utf8"));
  return refusedFindings(judgeFindings("shop", findings, policy, today)).map(
    (finding) => `${finding.verdict} ${finding.id} ${finding.severity} ${finding.package}`,
  );
}

it("a planted finding is red", () => {
  expect(refused(inNpm("2.0.0"), "", "2026-06-01")).toEqual([`refused ${ID} critical planted`]);
});

it("with a dated ignore it is green, and after its date red again", () => {
  const planted = inNpm("2.0.0");
  expect(refused(planted, IGNORE, "2026-12-31")).toEqual([]);
  expect(refused(planted, IGNORE, "2027-01-01")).toEqual([`expired ${ID} critical planted`]);
});

it("a version that holds the correction is green", () => {
  expect(refused(inNpm("1.0.0"), "", "2026-06-01")).toEqual([]);
});

it.each([
  ["of its release", { ecosystem: "Debian:12", name: "glibc", fixed: "2.36-9+deb12u11" }, 1],
  ["of its release, corrected in its version", { ecosystem: "Debian:12", name: "glibc", fixed: "2.36-9" }, 0],
  ["of another release", { ecosystem: "Debian:11", name: "glibc", fixed: "2.99" }, 0],
])("a Debian package is found by its source, in a record %s", (_, planted, found) => {
  expect(refused(database(planted), "", "2026-06-01")).toEqual(found ? [`refused ${ID} critical glibc`] : []);
});

it("a missing database is an error and not green", () => {
  expect(scan(work.file("nothing")).status).toBe(SCANNER_STATUS.noDatabase);
});
