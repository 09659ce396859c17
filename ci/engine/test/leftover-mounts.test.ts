import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { mountsBelow, unmountBelow } from "../leftover-mounts.ts";

const MOUNT_INFO = `22 1 254:0 / / rw - ext4 /dev/vda rw
60 22 254:0 /state/docker /state/docker rw - ext4 /dev/vda rw
61 60 0:44 / /state/docker/overlay2/a\\040b/merged rw - overlay overlay rw
62 22 0:45 / /state2 rw - tmpfs tmpfs rw
`;

it("the last mount comes first, and what only begins alike stays", () => {
  expect(mountsBelow("/state", MOUNT_INFO)).toEqual(["/state/docker/overlay2/a b/merged", "/state/docker"]);
});

it.skipIf(process.getuid?.() !== 0)("a folder can be removed afterwards", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mounts-"));
  const inner = join(folder, "docker", "merged");
  mkdirSync(inner, { recursive: true });
  execFileSync("mount", ["--bind", join(folder, "docker"), join(folder, "docker")]);
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", inner]);
  await unmountBelow(folder);
  rmSync(folder, { recursive: true });
});
