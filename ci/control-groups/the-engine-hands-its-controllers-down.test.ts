/** The entrypoint of the engine's image, with a stand-in of what it starts. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { inNewGroup } from "./private-hierarchy.ts";

const ENTRYPOINT = fileURLToPath(new URL("../engine/engine-entrypoint.sh", import.meta.url));
const bin = mkdtempSync(`${tmpdir()}/ms-entrypoint-`);
const TINI = [
  "#!/bin/sh",
  'echo "started: $*"',
  "sed -n 's/^0::/in: /p' /proc/self/cgroup",
  'echo "enabled: $(cat /sys/fs/cgroup/cgroup.subtree_control)"',
];
writeFileSync(`${bin}/tini`, `${TINI.join("\n")}\n`, { mode: 0o755 });

const mount = (group: string) => `mount --bind ${group} /sys/fs/cgroup`;
const start = `PATH=${bin}:$PATH sh ${ENTRYPOINT} --debug`;

it("moves to a group below its own and lets it hand its controllers down", () => {
  const { stdout, stderr } = inNewGroup(`${mount("$group")}\n${start}`);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^started: -- dagger-engine .*--debug$/m);
  expect(stdout).toMatch(/^in: \S+\/engine$/m);
  expect(stdout).toMatch(/^enabled: \w+/m);
});

it("starts again in a group that it started in before", () => {
  const { stdout } = inNewGroup(`${mount("$group")}\n${start}\n${start}`);
  expect(stdout.match(/^enabled: \w+/gm)).toHaveLength(2);
});

it("leaves alone the root of the machine's hierarchy, which has no type", () => {
  // Not the real one: a fault would move every process of the machine.
  const root = "mkdir /mnt/root; echo $$ > /mnt/root/cgroup.procs; touch /mnt/root/cgroup.subtree_control";
  const { stdout } = inNewGroup(`${root}\n${mount("/mnt/root")}\n${start}\nls /mnt/root | tr '\\n' ' '`);
  expect(stdout).toMatch(/^enabled: $/m);
  expect(stdout).toMatch(/^cgroup.procs cgroup.subtree_control $/m);
});

it("starts the engine where its groups cannot be written", () => {
  const { stdout, code } = inNewGroup(`mount -o remount,bind,ro $top
    ${mount("$group")}; mount -o remount,bind,ro /sys/fs/cgroup
    ${start} || status=$?
    mount -o remount,bind,rw $top; exit \${status:-0}`);
  expect(stdout).toMatch(/^started: /m);
  expect(code).toBe(0);
});
