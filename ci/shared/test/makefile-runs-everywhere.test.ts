import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stateDir } from "../../engine/state.ts";

const MAKEFILE = fileURLToPath(new URL("../../../Makefile", import.meta.url));
const text = readFileSync(MAKEFILE, "utf8");
const MODES = [
  { mode: "as GNU has it", options: [] },
  { mode: "as POSIX has it", options: ["--eval=.POSIX:"] },
];
const targets = [...text.matchAll(/^([a-z-]+):.*## (.*)$/gm)].map((match) => match.slice(1));

it("uses nothing that GNU make 3.81, a Mac's, does not know", () => {
  // Functions, variables, directives and assignments of 3.82 and later, from the NEWS file of make.
  const later =
    /\$\((file|let|intcmp|guile) |\.(ONESHELL|SHELLFLAGS|RECIPEPREFIX|LOADED|EXTRA_PREREQS|WAIT|NOTINTERMEDIATE)\b|^(undefine|private|load|unexport private) |(!|::+|\+::)=|&:/m;
  expect(text.match(later)).toBeNull();
});

it("recipes use no program in a way that only GNU's knows", () => {
  expect(text).not.toMatch(/\b(sed|expand|grep -P|readlink -f|date -d|xargs -r|sort -V)\b/);
});

// The pipeline's own container has no make.
describe.skipIf(spawnSync("make", ["--version"]).status !== 0)("make", () => {
  let folder: string;
  let checkout: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "make-"));
    checkout = join(folder, "a checkout");
    for (const path of ["ci", "node_modules/.bin"]) mkdirSync(join(checkout, path), { recursive: true });
    copyFileSync(MAKEFILE, join(checkout, "Makefile"));
    writeFileSync(join(checkout, "ci/bootstrap.sh"), 'echo "node-tools: $MISTERSMITH_NODE"\n');
    const tsx = join(checkout, "node_modules/.bin/tsx");
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    writeFileSync(tsx, '#!/bin/sh\nprintf "%s|" "$@"; echo; echo "PATH ${PATH%%:*}"\n');
    chmodSync(tsx, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function make(args: string[], env: NodeJS.ProcessEnv = {}): string[] {
    const { stdout, stderr, status } = spawnSync("make", ["-C", checkout, "--no-print-directory", ...args], {
      env: { PATH: process.env.PATH, HOME: join(folder, "home"), ...env },
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return stdout.trim().replaceAll(folder, "DIR").split("\n");
  }

  it.each(MODES)("$mode: help lists the targets in columns", ({ options }) => {
    const lines = make([...options, "help"]);
    expect(lines).toEqual(targets.map(([name = "", what]) => `${name.padEnd(15)} ${what}`));
  });

  it.each(MODES)("$mode: runs in a path with spaces, our own Node.js first", ({ options }) => {
    const lines = make([...options, "setup"], {
      MISTERSMITH_STATE: join(folder, "a state"),
    });
    expect(lines).toEqual([
      "node-tools: DIR/a state/node",
      "ci/engine/main.ts|up|",
      "PATH DIR/a state/node/node_modules/.bin",
    ]);
  });

  it("has the state folder where the bootstrap has it", () => {
    for (const MISTERSMITH_STATE of [undefined, "", "/elsewhere"])
      expect(make(["setup"], { MISTERSMITH_STATE, HOME: "/root" })[0]).toBe(
        `node-tools: ${MISTERSMITH_STATE || "/root/.cache/mistersmith"}/node`,
      );
    expect(stateDir({}).endsWith("/.cache/mistersmith")).toBe(true);
    expect(stateDir({ MISTERSMITH_STATE: "/elsewhere" })).toBe("/elsewhere");
    expect(stateDir({ MISTERSMITH_STATE: "out/state" })).toBe(join(process.cwd(), "out/state"));
  });

  it("takes the registry's port from the command line, not from a variable that other programs use", () => {
    expect(make(["registry", "PORT=5001"]).at(-2)).toBe("ci/run/registry.ts|5001|");
    expect(make(["registry"], { PORT: "3000" }).at(-2)).toBe("ci/run/registry.ts||");
  });
});
