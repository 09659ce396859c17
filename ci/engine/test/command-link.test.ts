import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { linkCommand, unlinkCommand } from "../command-link.ts";

let folder: string;
let first: string;
let second: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "link-"));
  vi.stubEnv("MISTERSMITH_STATE", join(folder, "state"));
  first = join(folder, "first");
  second = join(folder, "second");
  target = join(folder, "state/bin/dagger");
  for (const path of [first, second, dirname(target)]) mkdirSync(path, { recursive: true });
  program(target);
  vi.stubEnv("PATH", `${first}:${second}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function program(path: string): void {
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
}

const link = () => join(first, "dagger");

it("the link is made, made anew and taken away", () => {
  expect(linkCommand([first], target)).toBeUndefined();
  expect(linkCommand([first], target)).toBeUndefined();
  expect(readlinkSync(link())).toBe(target);
  unlinkCommand([first]);
  expect(existsSync(link())).toBe(false);
});

it("another's program keeps its place, and the person is told how to come by ours", () => {
  program(link());
  expect(linkCommand([first], target)).toContain(`export PATH="${join(folder, "state/command")}:$PATH"`);
  unlinkCommand([first]);
  expect(existsSync(link())).toBe(true);
});

it("another's link keeps its place", () => {
  symlinkSync("/opt/dagger", link());
  expect(linkCommand([first], target)).toContain("export PATH=");
  unlinkCommand([first]);
  expect(readlinkSync(link())).toBe("/opt/dagger");
});

it("where the system's folder is missing, as on a Mac, the next one is taken", () => {
  expect(linkCommand([join(folder, "none"), second], target)).toBeUndefined();
  expect(readlinkSync(join(second, "dagger"))).toBe(target);
});

it("a link that an older command hides is none", () => {
  program(link());
  expect(linkCommand([second], target)).toContain("export PATH=");
  expect(existsSync(join(second, "dagger"))).toBe(false);
});

it("a folder that the shell does not look into helps no one", () => {
  vi.stubEnv("PATH", second);
  expect(linkCommand([first], target)).toContain("export PATH=");
});
