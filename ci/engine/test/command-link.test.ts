import { existsSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { linkCommand, unlinkCommand } from "../command-link.ts";

let folder: string;
let link: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "link-"));
  vi.stubEnv("MISTERSMITH_STATE", join(folder, "state"));
  link = join(folder, "dagger");
  target = join(folder, "state/bin/dagger");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it("the link is made, made anew and taken away", () => {
  expect(linkCommand(link, target)).toBeUndefined();
  expect(linkCommand(link, target)).toBeUndefined();
  expect(readlinkSync(link)).toBe(target);
  unlinkCommand(link);
  expect(existsSync(link)).toBe(false);
});

it("another's program keeps its place, and the person is told where ours is", () => {
  writeFileSync(link, "theirs");
  expect(linkCommand(link, target)).toContain(target);
  unlinkCommand(link);
  expect(existsSync(link)).toBe(true);
});

it("another's link keeps its place", () => {
  symlinkSync("/opt/dagger", link);
  expect(linkCommand(link, target)).toContain(target);
  unlinkCommand(link);
  expect(readlinkSync(link)).toBe("/opt/dagger");
});
