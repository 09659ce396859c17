/** Makes a bill of materials as the pipeline does: evidence layer, syft, normalisation. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type KnownLicences, normaliseSbom } from "../../../dagger/src/supply-chain/normalise-sbom.ts";
import { parseSpdx, type SpdxDocument } from "../../../dagger/src/supply-chain/spdx.ts";
import { type LayerFiles, writeLayout } from "../../../dagger/test/unit/support/oci-layout.ts";
import { runStep, type Workplace } from "./steps.ts";

/** An image of these tests. */
export interface TestImage {
  layout: string;
  digest: string;
}

/** What a Debian image tells of one package, which is built from a source of another name. */
export const DEBIAN_EVIDENCE: Readonly<Record<string, string>> = {
  "etc/os-release": 'ID=debian\nVERSION_ID="12"\nNAME="Debian"\n',
  "etc/debian_version": "12.15\n",
  "var/lib/dpkg/status.d/libc6": [
    ...["Package: libc6", "Status: install ok installed", "Architecture: amd64", "Source: glibc"],
    ...["Version: 2.36-9+deb12u10", "Maintainer: x <x@example.test>", "Description: the C library", ""],
  ].join("\n"),
};

/** Layout of an image with these layers. */
export function testImage(work: Workplace, name: string, layers: readonly LayerFiles[]): TestImage {
  const layout = work.file(name, "layout");
  const config = { User: "65532", Entrypoint: ["/app/run"], Labels: {} };
  return { layout, digest: writeLayout(layout, layers, { config }) };
}

/** Bill of an image; `evidence` is laid over it for the generator. */
export function billOf(
  work: Workplace,
  image: TestImage,
  evidence: Readonly<Record<string, string>>,
  licences: KnownLicences = {},
): SpdxDocument {
  const run = work.file(`run-${Math.random().toString(16).slice(2)}`);
  mkdirSync(`${run}/evidence`, { recursive: true });
  for (const [path, text] of Object.entries(evidence)) {
    mkdirSync(dirname(`${run}/evidence/${path}`), { recursive: true });
    writeFileSync(`${run}/evidence/${path}`, text);
  }
  cpSync(image.layout, `${run}/layout`, { recursive: true });
  runStep("add-evidence.mjs", [`${run}/layout`, `${run}/evidence`]);
  runStep("make-sbom.sh", [`${run}/layout`, `${run}/sbom.json`]);
  const described = {
    repository: "mistersmith/shop",
    digest: image.digest,
    architecture: "amd64",
    created: "1970-01-01T00:00:00Z",
    release: "1.4.0",
  };
  return normaliseSbom(parseSpdx(readFileSync(`${run}/sbom.json`, "utf8")), described, licences);
}
