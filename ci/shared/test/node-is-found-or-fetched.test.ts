import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const REPO = fileURLToPath(new URL("../../..", import.meta.url));
/** What the script reads and runs of the checkout, and of the machine. */
const FILES = ["ci/bootstrap.sh", "ci/versions.json", "package.json", "services/contracts/errors.yaml"];
const TOOLS = "awk cat chmod dirname find flock head mkdir rm sed sh tail uname".split(" ");
const pinned = JSON.parse(readFileSync(`${REPO}/ci/versions.json`, "utf8")).npm as Record<
  "node" | "npm",
  { package: string; version: string }
>;
const wanted = JSON.parse(readFileSync(`${REPO}/package.json`, "utf8")).engines.node as string;
const next = /MS-ENGINE-010,.* next: "(.*)" }/.exec(
  readFileSync(`${REPO}/services/contracts/errors.yaml`, "utf8"),
)?.[1];

let folder: string;
let checkout: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
  checkout = join(folder, "a checkout");
  bin = join(folder, "bin");
  mkdirSync(bin);
  for (const file of FILES) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    copyFileSync(join(REPO, file), join(checkout, file));
  }
  writeFileSync(join(checkout, "package-lock.json"), "{}");
  for (const tool of TOOLS)
    symlinkSync(`${existsSync(`/bin/${tool}`) ? "" : "/usr"}/bin/${tool}`, join(bin, tool));
  program("uname", "case $1 in -s) echo Linux ;; *) echo x86_64 ;; esac");
  program("id", "echo 1000");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a program on the PATH; its calls are noted. */
function program(name: string, ...lines: string[]): void {
  const file = join(bin, name);
  rmSync(file, { force: true });
  writeFileSync(file, ["#!/bin/sh", `echo "${name} $*" >> "${folder}/calls"`, ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
}

const node = (version: string) => program("node", `echo ${version}`);

/** npm as far as it is used: `install` puts a Node.js into the folder, `ci` the programs. */
function npm(install = "good"): void {
  const made = {
    good: `mkdir -p "$3/node_modules/.bin"; printf '#!/bin/sh\\necho ${pinned.node.version}\\n' > "$3/node_modules/.bin/node"
      chmod 755 "$3/node_modules/.bin/node"`,
    musl: `mkdir -p "$3/node_modules/.bin"; printf '#!/lib64/no-such-loader\\n' > "$3/node_modules/.bin/node"
      chmod 755 "$3/node_modules/.bin/node"`,
    offline:
      "echo 'npm error code ENOTFOUND' >&2; echo 'npm error network request to the registry failed' >&2; exit 1",
  }[install];
  program(
    "npm",
    "node -p 0 >/dev/null || exit 127",
    'case "$1" in',
    "  --version) echo 9.2.0 ;;",
    `  install) ${made} ;;`,
    `  ci) mkdir -p node_modules/.bin; echo > node_modules/.package-lock.json
      printf '#!/bin/sh\\n' > node_modules/.bin/esbuild; chmod 755 node_modules/.bin/esbuild ;;`,
    "esac",
  );
}

/** apt as root, with the candidate of its nodejs; installing puts that Node.js and the npm above on the PATH. */
function apt(candidate: string): void {
  program("id", "echo 0");
  program("apt-cache", `printf 'nodejs:\\n  Installed: (none)\\n  Candidate: ${candidate}\\n'`);
  const version = candidate.replace(/[~+-].*/, "");
  program(
    "apt-get",
    'case "$*" in',
    `  *" nodejs") printf '#!/bin/sh\\necho ${version}\\n' > "${bin}/node"; chmod 755 "${bin}/node" ;;`,
    `  *" npm") cat "${bin}/npm.deb" > "${bin}/npm"; chmod 755 "${bin}/npm" ;;`,
    "esac",
  );
  npm();
  copyFileSync(join(bin, "npm"), join(bin, "npm.deb"));
  rmSync(join(bin, "npm"));
}

interface Outcome {
  code: number | null;
  stderr: string;
  /** Calls of the programs above, without questions for versions. */
  calls: string[];
}

function bootstrap(shell: readonly string[] = ["sh"]): Outcome {
  const [command = "", ...args] = shell;
  rmSync(`${folder}/calls`, { force: true });
  const { status, stderr } = spawnSync(command, [...args, `${checkout}/ci/bootstrap.sh`], {
    env: { PATH: bin, MISTERSMITH_NODE: join(folder, "the state", "node") },
    encoding: "utf8",
  });
  const noted = existsSync(`${folder}/calls`)
    ? readFileSync(`${folder}/calls`, "utf8").trim().split("\n")
    : [];
  const calls = noted.filter((line) => !/^(uname|id|apt-cache) |--version|^node -p/.test(line));
  return { code: status, stderr: stderr.replaceAll(folder, "DIR"), calls };
}

const INSTALLS = ["npm ci --no-audit --no-fund --loglevel=error"];
const FETCHES = `npm install --prefix DIR/the state/node --no-audit --no-fund ${pinned.node.package}@${pinned.node.version} npm@${pinned.npm.version}`;

// The shells that /bin/sh is: Debian's, Alpine's, a Mac's. The first is there everywhere.
const SHELLS = [["sh"], ["busybox", "sh"], ["bash", "--posix"]];
describe.each(SHELLS.map((shell) => ({ shell })))("under $shell", ({ shell }) => {
  const isThere = spawnSync(shell[0] ?? "", ["-c", ":"]).error === undefined;
  const resolved = [
    spawnSync("sh", ["-c", `command -v ${shell[0]}`], { encoding: "utf8" }).stdout.trim(),
    ...shell.slice(1),
  ];

  it.skipIf(!isThere)("a Node.js that is new enough is used, and packages are installed once", () => {
    node("24.1.0");
    npm();
    expect(bootstrap(resolved)).toEqual({ code: 0, stderr: "", calls: INSTALLS });
    expect(bootstrap(resolved)).toEqual({ code: 0, stderr: "", calls: [] });
  });

  it.skipIf(!isThere)("an old one with npm fetches the right one, once, without root", () => {
    node("18.20.4");
    npm();
    const { code, stderr, calls } = bootstrap(resolved);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `  Node.js 18.20.4 (DIR/bin/node) is not ${wanted}: fetching Node.js ${pinned.node.version} into DIR/the state/node\n`,
    });
    expect(calls.map((line) => line.replaceAll(folder, "DIR"))).toEqual([FETCHES, ...INSTALLS]);
    expect(bootstrap(resolved)).toEqual({ code: 0, stderr: "", calls: [] });
  });
});

describe("versions", () => {
  it.each([
    ["20.19.0", true],
    ["20.19.0-nightly2025012345", true],
    ["20.9.0", false],
    ["9.99.99", false],
    ["21.7.3", false],
    ["22.11.0", false],
    ["22.12.0", true],
    ["24.0.0", true],
    ["100.0.0", true],
  ])("%s fits: %s", (version, good) => {
    node(version);
    program("npm", 'case "$1" in --version) echo 9 ;; ci) exit 0 ;; *) exit 1 ;; esac');
    expect(bootstrap().code === 0).toBe(good);
  });
});

describe("apt", () => {
  it("with a good candidate installs it", () => {
    apt("24.1.0+dfsg-1");
    const { code, stderr, calls } = bootstrap();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "  there is no Node.js: installing it with apt, which has Node.js 24.1.0+dfsg-1\n",
    });
    expect(calls).toEqual([
      "apt-get update",
      "apt-get install -y --no-install-recommends nodejs",
      "apt-get install -y --no-install-recommends npm",
      ...INSTALLS,
    ]);
  });

  it("with an old candidate fetches the right one by it", () => {
    apt("18.20.4+dfsg-1~deb12u3");
    const { code, stderr, calls } = bootstrap();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(`fetching Node.js ${pinned.node.version}`);
    expect(calls.slice(3).map((line) => line.replaceAll(folder, "DIR"))).toEqual([FETCHES, ...INSTALLS]);
  });

  it("shows apt's words when it fails", () => {
    apt("24.1.0");
    program("apt-get", "echo 'E: Failed to fetch InRelease  Temporary failure resolving' >&2; exit 100");
    const { code, stderr } = bootstrap();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^E: Failed to fetch InRelease {2}Temporary failure resolving\nMS-ENGINE-003 apt-get update failed\. Next: /,
    );
  });

  it("without a package says so", () => {
    apt("(none)");
    expect(bootstrap().stderr).toBe(`MS-ENGINE-010 there is no Node.js, and apt has none. Next: ${next}.\n`);
  });
});

describe("an error with the reason and the next step, and nothing installed, when", () => {
  it.each([
    ["there is nothing", () => {}, "there is no Node.js"],
    ["npm is missing", () => node("24.1.0"), "there is no npm"],
    [
      "node is broken, and npm with it",
      () => {
        for (const name of ["node", "npm"])
          program(
            name,
            "echo 'node: error while loading shared libraries: libnode.so.108: cannot open' >&2; exit 127",
          );
      },
      "DIR/bin/node does not run: node: error while loading shared libraries: libnode.so.108: cannot open",
    ],
    [
      "node is another program",
      () => program("node", 'echo "LinuxNode v0.3.2 (amateur packet radio)"'),
      'DIR/bin/node is not Node.js: it printed "LinuxNode v0.3.2 (amateur packet radio)"',
    ],
    [
      "it is old on a machine for which no package is known",
      () => {
        node("18.20.4");
        npm();
        program("uname", "echo Darwin");
      },
      `Node.js 18.20.4 (DIR/bin/node) is not ${wanted}`,
    ],
  ])("%s", (_, machine, reason) => {
    machine();
    expect(bootstrap()).toEqual({ code: 1, stderr: `MS-ENGINE-010 ${reason}. Next: ${next}.\n`, calls: [] });
  });
});

it("a fetched Node.js that does not run here leaves nothing behind", () => {
  node("18.20.4");
  npm("musl");
  const { code, stderr } = bootstrap();
  expect(code).toBe(1);
  expect(stderr).toContain("MS-ENGINE-010 ");
  expect(existsSync(join(folder, "the state", "node"))).toBe(false);
});

it("half a Node.js of ours is fetched again", () => {
  node("18.20.4");
  npm();
  mkdirSync(join(folder, "the state/node/node_modules/.bin"), { recursive: true });
  const half = join(folder, "the state/node/node_modules/.bin/node");
  writeFileSync(half, "#!/bin/sh\nkill -SEGV $$\n", { mode: 0o755 });
  expect(bootstrap().code).toBe(0);
});

it("npm's own words are shown when it cannot fetch", () => {
  node("18.20.4");
  npm("offline");
  expect(bootstrap().stderr).toContain(
    `npm error network request to the registry failed\nMS-ENGINE-022 Node.js 18.20.4 (DIR/bin/node) is not ${wanted}, and npm cannot fetch`,
  );
});

it("npm's own words are shown when it cannot install the packages", () => {
  node("24.1.0");
  program("npm", '[ "$1" = --version ] || { echo "npm error code E407" >&2; exit 1; }');
  expect(bootstrap().stderr).toMatch(/^npm error code E407\nMS-ENGINE-022 npm ci ended with code 1\. Next: /);
});

describe("packages are installed again when", () => {
  beforeEach(() => {
    node("24.1.0");
    npm();
    bootstrap();
  });

  it("the lock file is newer", () => {
    const later = new Date(Date.now() + 5000);
    utimesSync(join(checkout, "package-lock.json"), later, later);
    expect(bootstrap().calls).toEqual(INSTALLS);
  });

  it("an installation was cut off", () => {
    rmSync(join(checkout, "node_modules/.package-lock.json"));
    expect(bootstrap().calls).toEqual(INSTALLS);
  });

  it("they are those of another kind of machine", () => {
    writeFileSync(join(checkout, "node_modules/.bin/esbuild"), "\x7fELF of another machine");
    expect(bootstrap().calls).toEqual(INSTALLS);
  });
});
