// Texts that belong to the program: its spec, the error catalogue, its version, the live page.
// The build replaces this file by their contents, so that the bundle reads nothing and parses no YAML.
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { ErrorText, ServiceSpec } from "./assets-types.ts";

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

/** The part of service.yaml that the program itself needs. */
export const serviceSpec: ServiceSpec = parse(read("../service.yaml"));

/** Every error with its text and next step, from services/contracts/errors.yaml. */
export const errorTexts: ErrorText[] = parse(read("../../contracts/errors.yaml")).errors;

/** Version of this package. */
export const version: string = JSON.parse(read("../package.json")).version;

/** The live page, complete with styles and script. */
export const page: string = read("page/index.html");
