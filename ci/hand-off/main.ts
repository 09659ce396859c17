/**
 * Writes the hand-off without an engine, from an images.json that a publication left, or with made-up digests.
 * Run: tsx ci/hand-off/main.ts OUT [IMAGES_JSON]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEmf } from "../../dagger/src/emit/emf-contract.ts";
import { HAND_OFF_DEFAULTS, handOffFiles } from "../../dagger/src/emit/hand-off/files.ts";
import { parsePublished, sampleImages } from "../../dagger/src/emit/hand-off/image-digests.ts";
import { parsePriceTable } from "../../dagger/src/emit/hand-off/price-table.ts";
import { CheckError } from "../shared/check-error.ts";
import { readPermissions, readSystem } from "../shared/read-system.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");

function write(out: string, images: string | undefined): void {
  const system = readSystem(root);
  const versions = JSON.parse(read("ci/versions.json")) as { images: Record<string, string> };
  const input = {
    ...(images ? parsePublished(readFileSync(images, "utf8")) : sampleImages(system)),
    images: versions.images,
    permissions: readPermissions(root),
    emf: parseEmf(read("services/contracts/emf.json")),
    prices: parsePriceTable(read("ci/aws-prices.json")),
  };
  for (const [path, text] of Object.entries(handOffFiles(system, input, HAND_OFF_DEFAULTS))) {
    mkdirSync(dirname(join(out, path)), { recursive: true });
    writeFileSync(join(out, path), text);
  }
}

const [out, images] = process.argv.slice(2);
if (out) write(out, images);
else {
  const usage = "tsx ci/hand-off/main.ts OUT [IMAGES_JSON]";
  console.error(new CheckError("MS-CHECK-022", `the directory is missing; usage: ${usage}`).message);
  process.exitCode = 64;
}
