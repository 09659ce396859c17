import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { spdxText } from "../../dagger/src/supply-chain/normalise-sbom.ts";
import { countPackages, purlOf, type SpdxDocument } from "../../dagger/src/supply-chain/spdx.ts";
import { billOf, DEBIAN_EVIDENCE, testImage } from "./harness/bill.ts";
import { Workplace } from "./harness/steps.ts";

const work = new Workplace();
afterAll(() => work.remove());

const CARGO =
  'version = 4\n\n[[package]]\nname = "bytes"\nversion = "1.10.0"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n';

function npmLock(packages: Record<string, string>): string {
  const entries = Object.entries(packages).map(([name, version]) => [
    `node_modules/${name}`,
    { version, license: "MIT" },
  ]);
  const root = { name: "shop", version: "1.0.0", license: "MIT" };
  return JSON.stringify({
    name: "shop",
    lockfileVersion: 3,
    requires: true,
    packages: { "": root, ...Object.fromEntries(entries) },
  });
}

const EVIDENCE = {
  "usr/share/mistersmith/shop/Cargo.lock": CARGO,
  "app/package-lock.json": npmLock({ pino: "10.4.0" }),
  ...DEBIAN_EVIDENCE,
  "usr/local/lib/node_modules/@anthropic-ai/claude-code-linux-x64/package.json": JSON.stringify({
    name: "@anthropic-ai/claude-code-linux-x64",
    version: "2.1.330",
    license: "SEE LICENSE IN README.md",
  }),
};
const image = testImage(work, "shop", [{ "app/run": { content: "x", mode: 0o755 } }]);
const purls = (document: SpdxDocument) => document.packages.map(purlOf).filter((purl) => purl !== undefined);

it("crates, npm packages, the Claude CLI and system packages are named", () => {
  const document = billOf(work, image, EVIDENCE, { "pkg:cargo/bytes@1.10.0": "MIT" });
  const found = purls(document).join("\n");
  expect(found).toContain("pkg:cargo/bytes@1.10.0");
  expect(found).toContain("pkg:npm/pino@10.4.0");
  expect(found).toContain("pkg:npm/%40anthropic-ai/claude-code-linux-x64@2.1.330");
  const library = /pkg:deb\/debian\/libc6@2\.36-9%2Bdeb12u10\?(.*)/.exec(found)?.[1]?.split("&");
  expect(library).toEqual(expect.arrayContaining(["upstream=glibc", "distro=debian-12.15"]));
  expect(countPackages(document)).toMatchObject({ cargo: 1, deb: 1 });
  const bytes = document.packages.find(({ name }) => name === "bytes");
  expect(bytes?.licenseDeclared).toBe("MIT");
});

it("Go modules of a program are named with their versions", () => {
  const crane = execFileSync("sh", ["-c", "command -v crane"], { encoding: "utf8" }).trim();
  const layout = testImage(work, "go", [
    { "usr/local/bin/crane": { content: readFileSync(crane), mode: 0o755 } },
  ]);
  const found = purls(billOf(work, layout, {}));
  expect(found.some((purl) => purl.startsWith("pkg:golang/github.com/google/go-containerregistry@v"))).toBe(
    true,
  );
  expect(found.some((purl) => purl.startsWith("pkg:golang/stdlib@"))).toBe(true);
});

it("a package that is planted in a lock file appears", () => {
  const lock = npmLock({ pino: "10.4.0", planted: "6.6.6" });
  expect(purls(billOf(work, image, { ...EVIDENCE, "app/package-lock.json": lock }))).toContain(
    "pkg:npm/planted@6.6.6",
  );
  expect(purls(billOf(work, image, EVIDENCE))).not.toContain("pkg:npm/planted@6.6.6");
});

it("the same image gives the same bill, and the bill names the image that is published", () => {
  const [first, second] = [billOf(work, image, EVIDENCE), billOf(work, image, EVIDENCE)].map(spdxText);
  expect(first).toBe(second);
  expect(first).toContain(image.digest.slice("sha256:".length));
  expect(first).not.toContain(work.path);
});
