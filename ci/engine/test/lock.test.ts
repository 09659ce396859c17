import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LockOptions, withLock } from "../lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A PATH with sh, cat and the flock given: undefined for a machine without one. */
function pathWith(flock: string | undefined): LockOptions {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["sh", "cat"]) symlinkSync(`/bin/${name}`, join(bin, name));
  if (flock !== undefined) {
    writeFileSync(join(bin, "flock"), flock);
    chmodSync(join(bin, "flock"), 0o755);
  }
  return { env: { PATH: bin } };
}

/** Takes short options as busybox does (util-linux/flock.c of busybox 1.37), and answers others as it does. */
const BUSYBOX = `#!/bin/sh
case $1 in
  -x) exec /usr/bin/flock "$@" ;;
  *) echo "flock: unrecognized option: \${1#--}
BusyBox v1.37.0 (2025-01-17 18:12:01 UTC) multi-call binary.

Usage: flock [-sxun] FD | { FILE [-c] PROG ARGS }" >&2; exit 1 ;;
esac
`;

describe.each([
  ["flock of util-linux", () => ({})],
  ["flock of busybox", () => pathWith(BUSYBOX)],
  ["no flock", () => pathWith(undefined)],
])("with %s", (_, options) => {
  it("one is inside at a time, and the lock is freed when the body fails", async () => {
    const given = options();
    const file = join(folder, "sub", "lock");
    let inside = 0;
    const visit = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      throw new Error("left");
    };
    const results = await Promise.allSettled([1, 2, 3].map(() => withLock(file, visit, given)));
    const reasons = results.map((result) => result.status === "rejected" && result.reason.message);
    expect(reasons).toEqual(["left", "left", "left"]);
  });

  it("who waits too long says that another process holds it", async () => {
    const given = options();
    const file = join(folder, "lock");
    await withLock(
      file,
      () =>
        expect(withLock(file, async () => {}, { ...given, limitMs: 300 })).rejects.toThrow(/^MS-ENGINE-008 /),
      given,
    );
  });
});

it("a flock that cannot lock is no held lock: its own words are shown", async () => {
  const refuses = pathWith('#!/bin/sh\necho "flock: $2: No locks available" >&2; exit 71\n');
  await expect(withLock(join(folder, "lock"), async () => {}, refuses)).rejects.toThrow(
    `MS-ENGINE-021 ${folder}/lock cannot be locked: flock: ${folder}/lock: No locks available. Next: `,
  );
});

it("a flock that is killed while it waits is no held lock", async () => {
  const killed = pathWith("#!/bin/sh\nkill -9 $$\n");
  await expect(withLock(join(folder, "lock"), async () => {}, killed)).rejects.toThrow(
    "cannot be locked: flock ended with SIGKILL",
  );
});

it("a folder that cannot be made is named with the reason", async () => {
  writeFileSync(join(folder, "state"), "a file");
  await expect(withLock(join(folder, "state", "lock"), async () => {})).rejects.toThrow(
    /^MS-ENGINE-020 \S+\/state cannot be made: E\w+: /,
  );
});

it("who is stopped while waiting ends at once", async () => {
  const file = join(folder, "lock");
  const program = `import { withLock } from ${JSON.stringify(new URL("../lock.ts", import.meta.url).href)};
    process.once("SIGTERM", () => {});
    console.log("asked");
    await withLock(${JSON.stringify(file)}, async () => {}).catch((error) => console.log(error.code));`;
  await withLock(file, async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    // The hint that it waits.
    await once(child.stderr, "data");
    child.kill("SIGTERM");
    await once(child, "close");
    expect(output).toBe("asked\nMS-ENGINE-021\n");
  });
});
