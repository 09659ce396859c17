import { readFileSync } from "node:fs";

const file = new URL("../versions.json", import.meta.url);

interface Versions {
  images: Record<string, string>;
  /** Of parts that only a profile of the compose file starts; there is no stand-in of them. */
  profileImages: Record<string, string>;
  npm: Record<string, { package: string; version: string }>;
  go: Record<string, { module: string; version: string }>;
}

/** The pinned versions of the project. */
export const VERSIONS = JSON.parse(readFileSync(file, "utf8")) as Versions;

/** An image reference in its parts. */
export interface Reference {
  text: string;
  repository: string;
  tag: string;
  /** Leading number of the tag: `1.95` of `rust:1.95-slim-bookworm`, empty for `debian:bookworm-slim`. */
  version: string;
}

/** Split a short public reference; a digest, which no stand-in can have, is left out. */
export function parseReference(reference: string): Reference {
  const text = reference.split("@")[0] ?? "";
  const [repository = "", tag = "latest"] = text.split(":");
  return { text, repository, tag, version: tag.match(/^[0-9][0-9.]*/)?.[0].replace(/\.$/, "") ?? "" };
}

/** The reference that the pipeline uses for a base. */
export function referenceOf(name: string): Reference {
  const reference = VERSIONS.images[name];
  if (reference === undefined) throw new Error(`ci/versions.json has no image ${name}`);
  return parseReference(reference);
}

/** A package of ci/versions.json. */
export function npmPackage(name: string): { package: string; version: string } {
  const found = VERSIONS.npm[name];
  if (found === undefined) throw new Error(`ci/versions.json has no npm package ${name}`);
  return found;
}

/** A Go program of ci/versions.json. */
export function goModule(name: string): { module: string; version: string } {
  const found = VERSIONS.go[name];
  if (found === undefined) throw new Error(`ci/versions.json has no Go module ${name}`);
  return found;
}

/** Whether a version is of the release line that a reference names: 1.26.8 of 1.26, not 1.2.6. */
export function isOfLine(version: string, line: string): boolean {
  return version === line || version.startsWith(`${line}.`);
}
