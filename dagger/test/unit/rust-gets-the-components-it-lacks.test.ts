import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const STEP = fileURLToPath(new URL("../../steps/add-rust-components.sh", import.meta.url));
const TOOLCHAIN = "1.95.0-x86_64-unknown-linux-gnu";
const work = mkdtempSync(join(tmpdir(), "rust-components-"));
afterAll(() => rmSync(work, { recursive: true }));

describe("an image with rustup", () => {
  it("gets what is missing although its names are on the PATH", () => {
    const image = rustImage("minimal", []);
    expect(image.run()).toMatchObject({ status: 0 });
    expect(image.asked()).toEqual(["component add rustfmt clippy"]);
  });

  it("gets both when only one is missing", () => {
    const image = rustImage("half", ["fmt"]);
    expect(image.run()).toMatchObject({ status: 0 });
    expect(image.asked()).toEqual(["component add rustfmt clippy"]);
  });

  it("is left alone when both work", () => {
    const image = rustImage("complete", ["fmt", "clippy"]);
    expect(image.run()).toMatchObject({ status: 0 });
    expect(image.asked()).toEqual([]);
  });

  it("that cannot get them says why", () => {
    const image = rustImage("offline", [], "echo 'error: could not download file' >&2; exit 1");
    expect(image.run()).toMatchObject({ status: 1, stderr: expect.stringContaining("could not download") });
  });

  it("whose rustup says yes and does nothing is found out at once", () => {
    const image = rustImage("lying", [], "exit 0");
    const { status, stderr } = image.run();
    expect(status).toBe(1);
    expect(stderr).toContain(`error: 'cargo-fmt' is not installed for the toolchain '${TOOLCHAIN}'`);
  });
});

describe("an image without rustup", () => {
  it("needs none when both work", () => {
    const image = rustImage("stand-in", ["fmt", "clippy"]);
    rmSync(join(image.bin, "rustup"));
    expect(image.run()).toMatchObject({ status: 0 });
  });

  it("says what it looked for when one is missing", () => {
    const image = rustImage("bare", ["fmt"]);
    rmSync(join(image.bin, "rustup"));
    expect(image.run()).toMatchObject({ status: 127, stderr: expect.stringMatching(/rustup.*not found/) });
  });
});

/**
 * A PATH as the public image has it: one proxy for each program of each component, there or not. The messages are those of
 * rustup 1.29.
 */
function rustImage(name: string, components: readonly string[], add = install()) {
  const bin = join(work, name);
  mkdirSync(join(bin, "installed"), { recursive: true });
  for (const component of components) writeFileSync(join(bin, "installed", component), "");
  program(bin, "cargo", `exec "$(dirname "$0")/cargo-$1" "$@"`);
  for (const component of ["fmt", "clippy"])
    program(
      bin,
      `cargo-${component}`,
      `if [ -e "${bin}/installed/${component}" ]; then echo "${component} 1.95.0"; exit 0; fi
echo "error: 'cargo-${component}' is not installed for the toolchain '${TOOLCHAIN}'." >&2
echo "help: run \\\`rustup component add ${component}\\\` to install it" >&2
exit 1`,
    );
  program(bin, "rustup", `echo "$*" >>"${bin}/asked"\n${add}`);
  return {
    bin,
    run: () => spawnSync(STEP, { env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: "utf8" }),
    asked: () =>
      existsSync(join(bin, "asked")) ? readFileSync(join(bin, "asked"), "utf8").trim().split("\n") : [],
  };
}

function install(): string {
  return 'for name in fmt clippy; do : >"$(dirname "$0")/installed/$name"; done';
}

function program(bin: string, name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}
