import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const STEPS = fileURLToPath(new URL("../../steps", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "slim-"));
afterAll(() => rmSync(work, { recursive: true }));

// While a step runs, the engine adds the authorities of its machine to the root of the step, and takes them out after it.
describe("a root that is slimmed", () => {
  it.each(["/", "//", "/usr/.."])("is never the one of the step itself: %s", (root) => {
    const bin = join(work, "bin");
    mkdirSync(bin, { recursive: true });
    // Were the refusal gone, the real one would copy the whole machine.
    writeFileSync(join(bin, "tar"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const { status, stderr } = slim(root, join(work, "own"), `${bin}:/usr/bin:/bin`);
    expect(status).toBe(64);
    expect(stderr).toContain(`${root} is the root of this step`);
    expect(existsSync(join(work, "own"))).toBe(false);
  });

  it("keeps what a container reads, and gets a name for localhost", () => {
    const root = join(work, "root");
    write(root, "usr/bin/tool");
    write(root, "usr/share/doc/tool/copyright");
    write(root, "var/lib/apt/lists/all");
    write(root, "etc/ssl/certs/ca-certificates.crt");
    const out = join(work, "out");
    expect(slim(root, out)).toMatchObject({ status: 0, stderr: "" });
    const files = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1));
    expect(files.sort()).toEqual([
      "etc/hosts",
      "etc/resolv.conf",
      "etc/ssl/certs/ca-certificates.crt",
      "usr/bin/tool",
    ]);
    expect(readFileSync(join(out, "etc/hosts"), "utf8")).toContain("127.0.0.1\tlocalhost");
  });
});

it("no step copies a bundle of certificates: it would be the one with those authorities", () => {
  const copying = readdirSync(STEPS).filter((name) =>
    /\b(copy|take|cp|tar|install|cat)\b.*\/etc\/ssl\/certs/.test(readFileSync(join(STEPS, name), "utf8")),
  );
  expect(copying).toEqual([]);
});

function slim(root: string, out: string, path = "/usr/bin:/bin") {
  return spawnSync(join(STEPS, "slim-rootfs.sh"), [root, out], { encoding: "utf8", env: { PATH: path } });
}

function write(root: string, path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), path);
}
