/** A small fixed system, so that the expected output changes with the emitters only. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSystem } from "../../../src/spec/parse-system.ts";
import type { SystemSpec } from "../../../src/spec/service-spec.ts";

const FILES = ["platform.yaml", "shop/service.yaml"];

/** Path of a file of expected output. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(`../../golden/${name}`, import.meta.url));
}

/** The system of test/golden/services. */
export function goldenSystem(): SystemSpec {
  const texts = FILES.map((name) => [name, readFileSync(goldenPath(`services/${name}`), "utf8")]);
  return parseSystem(Object.fromEntries(texts));
}

/** JSON as the golden files write it. */
export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
