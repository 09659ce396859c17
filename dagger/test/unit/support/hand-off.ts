/** Hand-offs for the tests: of a small fixed system, and of this repository's own. */
import { readFileSync } from "node:fs";
import { parseEmf } from "../../../src/emit/emf-contract.ts";
import { type HandOffInput, type HandOffOptions, handOffFiles } from "../../../src/emit/hand-off/files.ts";
import { sampleImages } from "../../../src/emit/hand-off/image-digests.ts";
import { parsePriceTable } from "../../../src/emit/hand-off/price-table.ts";
import { parseNatsPermissions } from "../../../src/emit/nats-conf.ts";
import { parseSystem } from "../../../src/spec/parse-system.ts";
import type { SystemSpec } from "../../../src/spec/service-spec.ts";
import { goldenPath } from "./golden.ts";
import { repoSystem, repoText } from "./repo.ts";

const FILES = ["platform.yaml", "shop/service.yaml", "tools/service.yaml"];

/** What a person gives who knows the account. */
export const OPTIONS: HandOffOptions = {
  account: "123456789012",
  region: "eu-central-1",
  environment: "test",
  zone: "shop.internal",
};

/** The system of test/golden/hand-off. */
export function shopSystem(): SystemSpec {
  const texts = FILES.map((name) => [name, readFileSync(goldenPath(`hand-off/services/${name}`), "utf8")]);
  return parseSystem(Object.fromEntries(texts));
}

/** Input for the small system. */
export function shopInput(system: SystemSpec): HandOffInput {
  return {
    ...repoInput(system),
    images: { bus: "nats:2.15", ledger: "postgres:15" },
    permissions: { roles: { clerk: { publish: ["$JS.API.INFO"], subscribe: ["orders.>"] } } },
  };
}

/** Input for the repository's own system, with made-up digests. */
export function repoInput(system: SystemSpec): HandOffInput {
  return {
    ...sampleImages(system),
    images: { nats: "nats:2.15", postgres: "postgres:15" },
    permissions: parseNatsPermissions(repoText("services/contracts/permissions.json")),
    emf: parseEmf(repoText("services/contracts/emf.json")),
    prices: parsePriceTable(repoText("ci/aws-prices.json")),
  };
}

/** Files of the repository's own hand-off. */
export function repoHandOff(options: HandOffOptions = OPTIONS, change: Partial<HandOffInput> = {}) {
  const system = repoSystem();
  return handOffFiles(system, { ...repoInput(system), ...change }, options);
}
