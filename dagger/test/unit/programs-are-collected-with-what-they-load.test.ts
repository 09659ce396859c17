import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const STEP = fileURLToPath(new URL("../../steps/collect-foreign-program.sh", import.meta.url));
const PROGRAM = "/usr/local/bin/node";
const work = mkdtempSync(join(tmpdir(), "collect-"));
afterAll(() => rmSync(work, { recursive: true }));

/** What differs between processors: how Debian lays out its loader. */
const LAYOUTS = [
  {
    name: "amd64",
    libraries: "/usr/lib/x86_64-linux-gnu",
    loader: "/lib64/ld-linux-x86-64.so.2",
    // Debian's link has a full path.
    link: "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    directories: ["lib", "lib64"],
  },
  {
    name: "arm64",
    libraries: "/usr/lib/aarch64-linux-gnu",
    loader: "/lib/ld-linux-aarch64.so.1",
    link: "aarch64-linux-gnu/ld-linux-aarch64.so.1",
    directories: ["lib"],
  },
];

describe.each(LAYOUTS)("a program for $name", ({ name, libraries, loader, link, directories }) => {
  const root = join(work, name);
  const file = loader.split("/").at(-1) ?? "";
  for (const directory of directories) {
    mkdirSync(join(root, "usr", directory), { recursive: true });
    symlinkSync(`usr/${directory}`, join(root, directory));
  }
  write(root, PROGRAM, "program");
  write(root, `${libraries}/${file}`, "loader");
  write(root, `${libraries}/libc.so.6`, "libc");
  write(root, `${libraries}/libm-1.0`, "libm");
  symlinkSync("libm-1.0", join(root, libraries, "libm.so.6"));
  symlinkSync(link, join(root, loader));
  // The lines of binutils' readelf that count; the loader is what the C library names too.
  const bin = readelf(`${name}-bin`, loader, {
    program: ["libm.so.6", "libc.so.6"],
    libm: ["libc.so.6", file],
    libc: [file],
  });

  it("comes with its libraries and its loader; each once and as a file", () => {
    const out = join(work, `${name}-out`);
    execFileSync(STEP, [root, libraries, PROGRAM, out], { env: { PATH: `${bin}:/usr/bin:/bin` } });
    const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter(
      (entry) => !entry.isDirectory(),
    );
    const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(out.length)).sort();
    expect(paths).toEqual([PROGRAM, loader, `${libraries}/libc.so.6`, `${libraries}/libm.so.6`].sort());
    expect(files.every((entry) => entry.isFile())).toBe(true);
    expect(readFileSync(join(out, loader), "utf8")).toBe("loader");
  });
});

function readelf(name: string, loader: string, needed: Record<string, string[]>): string {
  const bin = join(work, name);
  const cases = Object.entries(needed).map(([content, names]) => {
    const lines = names.map(
      (library) => ` 0x0000000000000001 (NEEDED)             Shared library: [${library}]`,
    );
    return `${content}) printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} ;;`;
  });
  const script = [
    "#!/bin/sh",
    `if [ "$1" = -l ]; then echo '      [Requesting program interpreter: ${loader}]'; exit; fi`,
    `case $(cat "$2") in ${cases.join(" ")} esac`,
  ];
  write(bin, "/readelf", `${script.join("\n")}\n`, 0o755);
  return bin;
}

function write(root: string, path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
}
