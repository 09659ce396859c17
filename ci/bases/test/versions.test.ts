import { expect, test } from "vitest";
import { isOfLine, parseReference, VERSIONS } from "../versions.ts";

test.each([
  ["rust:1.95-slim-bookworm", "rust", "1.95-slim-bookworm", "1.95"],
  ["debian:bookworm-slim", "debian", "bookworm-slim", ""],
  ["registry:2", "registry", "2", "2"],
  ["nats:2.15@sha256:00", "nats", "2.15", "2.15"],
])("%s has its parts", (text, repository, tag, version) => {
  expect(parseReference(text)).toMatchObject({ repository, tag, version });
});

test("a release line is not a prefix of digits", () => {
  expect(isOfLine("1.26.8", "1.26")).toBe(true);
  expect(isOfLine("1.26", "1.26")).toBe(true);
  expect(isOfLine("1.260.0", "1.26")).toBe(false);
});

test("every image of the project has a base", async () => {
  const { BASE_NAMES } = await import("../main.ts");
  expect(BASE_NAMES).toEqual(expect.arrayContaining(Object.keys(VERSIONS.images)));
});
