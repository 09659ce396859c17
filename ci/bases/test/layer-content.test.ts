import { expect, test } from "vitest";
import { isContent } from "../layer-content.ts";

test.each([
  "usr/bin/node",
  "etc/passwd",
  "etc/apt/sources.list.d/debian.sources",
  "root/.bashrc",
  "var/lib/dpkg/status",
  "development/file",
])("%s belongs into an image", (path) => {
  expect(isContent(path, "file")).toBe(true);
});

test.each([
  "dev/null",
  "proc/1/status",
  "etc/resolv.conf",
  "etc/hosts",
  "etc/passwd-",
  "var/lib/apt/lists/deb_Packages",
  "var/cache/debconf/config.dat-old",
  "var/log/dpkg.log",
  "tmp/left",
  "root/.npm/_logs/1",
])("%s stays out", (path) => {
  expect(isContent(path, "file")).toBe(false);
});

test("folders that programs expect stay, without their files", () => {
  expect(isContent("run/postgresql", "directory")).toBe(true);
  expect(isContent("run/postgresql/pid", "file")).toBe(false);
  expect(isContent("tmp", "directory")).toBe(true);
  expect(isContent("tmp/node-compile-cache", "directory")).toBe(false);
});
