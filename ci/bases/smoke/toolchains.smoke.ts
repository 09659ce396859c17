/** Do the toolchain bases work in a container? `npx tsx --test ci/bases/smoke/*.smoke.ts`, once they are built. */
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { VERSIONS } from "../versions.ts";
import { docker, load, unload } from "./container.ts";

after(unload);

async function shell(base: string, script: string, ...options: string[]): Promise<string> {
  return docker("run", "--rm", "--network=host", ...options, await load(base), "sh", "-euc", script);
}

test("debian installs a package from the machine's sources", async () => {
  const output = await shell(
    "debian",
    "apt-get update -qq; apt-get install -yqq hello >/dev/null 2>&1; hello",
  );
  assert.match(output, /Hello, world!/);
});

test("debian carries no manuals and no package lists", async () => {
  assert.equal(
    await shell("debian", "find /usr/share/man /usr/share/locale /var/lib/apt/lists -type f | wc -l"),
    "0",
  );
});

test("node is the pinned one, with npm, npx and corepack, also for its own user", async () => {
  const script = "node --version; npm --version; npx --version; corepack --version; id -u; touch ~/mine";
  const lines = (await shell("node", script, "--user=node")).split("\n");
  const { node, npm, corepack } = VERSIONS.npm;
  const versions = [`v${node?.version}`, npm?.version, npm?.version, corepack?.version];
  assert.deepEqual(lines, [...versions, "1000"]);
});

test("node's image takes arguments of node", async () => {
  assert.equal(await docker("run", "--rm", await load("node"), "--print", "6 * 7"), "42");
});

test("an Alpine caller's apk finds what is there and ignores the rest", async () => {
  await shell("node", "apk add --no-cache ca-certificates; apk update");
});

test("cargo builds, lints and formats; a static program runs", async () => {
  const script = `cargo init --quiet --vcs none --name hello /tmp/hello; cd /tmp/hello
    RUSTFLAGS='-C target-feature=+crt-static' cargo build --quiet --target x86_64-unknown-linux-gnu
    cargo clippy --quiet -- -D warnings; cargo fmt --check
    target/x86_64-unknown-linux-gnu/debug/hello; ldd target/x86_64-unknown-linux-gnu/debug/hello || true`;
  assert.match(await shell("rust", script), /Hello, world!\n.*statically linked/s);
});

test("go builds a program", async () => {
  const script = `mkdir /tmp/hello; cd /tmp/hello; go mod init hello 2>/dev/null; git --version >/dev/null
    printf 'package main\\nfunc main() { println(6 * 7) }\\n' > main.go
    CGO_ENABLED=0 go build -o hello .; ./hello 2>&1`;
  assert.equal(await shell("golang", script), "42");
});

test("python has pip and makes environments, and pip may install anywhere", async () => {
  const script = `python --version; python -m venv /tmp/env; /tmp/env/bin/pip --version >/dev/null
    mkdir /tmp/own; cd /tmp/own; printf 'from setuptools import setup\\nsetup(name="own", version="1.2")\\n' > setup.py
    pip install --quiet --no-build-isolation --no-index . 2>/dev/null; pip show own | grep ^Version`;
  assert.match(await shell("python", script), /^Python 3\.11\.\d+\nVersion: 1\.2$/);
});
