import { describe, expect, it } from "vitest";
import { type HostKind, type InitSystem, isManaged, whyNoStandIn } from "../host-kind.ts";

const BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const root: HostKind = { platform: "linux", arch: "x64", uid: 0, osRelease: BOOKWORM, hasApt: true };

describe("a stand-in", () => {
  it("is built by root on Debian bookworm", () => {
    expect(whyNoStandIn(root)).toBeUndefined();
  });

  it.each<[string, Partial<HostKind>, string]>([
    ["another user", { uid: 1000 }, "user 1000 on debian bookworm x64"],
    [
      "Ubuntu",
      { osRelease: 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME="noble"\n' },
      "root on ubuntu noble x64",
    ],
    ["Debian 13", { osRelease: BOOKWORM.replaceAll("bookworm", "trixie") }, "root on debian trixie x64"],
    ["Debian sid", { osRelease: "ID=debian\n" }, "root on debian x64"],
    ["Alpine", { osRelease: "ID=alpine\nVERSION_ID=3.22.0\n", hasApt: false }, "root on alpine 3.22.0 x64"],
    ["ARM", { arch: "arm64" }, "root on debian bookworm arm64"],
    ["a Mac", { platform: "darwin", arch: "arm64", uid: 501, osRelease: "" }, "user 501 on darwin arm64"],
    ["a system without /etc/os-release", { osRelease: "" }, "root on linux x64"],
  ])("is not built on %s, and the reason names it", (_, difference, words) => {
    expect(whyNoStandIn({ ...root, ...difference })).toMatch(new RegExp(`this is ${words}$`));
  });
});

describe("a stopped daemon", () => {
  const bare: InitSystem = { systemd: false, first: "sh", has: () => false, installedHere: false };
  const has = (path: string) => (wanted: string) => wanted === path;

  it.each<[string, Partial<InitSystem>, boolean]>([
    ["systemd's with a unit", { systemd: true, has: has("/lib/systemd/system/docker.service") }, true],
    [
      "systemd's with a unit of the administrator",
      { systemd: true, has: has("/etc/systemd/system/docker.service") },
      true,
    ],
    ["nobody's under systemd without a unit", { systemd: true, first: "systemd" }, false],
    ["init's with a script, as in WSL", { first: "init", has: has("/etc/init.d/docker") }, true],
    ["nobody's in a container with a script that nobody runs", { has: has("/etc/init.d/docker") }, false],
    [
      "ours where we installed it and kept its service from starting",
      { systemd: true, has: () => true, installedHere: true },
      false,
    ],
  ])("is %s", (_, difference, expected) => {
    expect(isManaged({ ...bare, ...difference })).toBe(expected);
  });
});
