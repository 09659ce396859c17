/** What a distribution's Go is asked, and what is said of one that cannot be used. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { goBuildEnvironment, whyNoGo } from "../go-toolchain.ts";
import { provideCommand } from "../provide-command.ts";
import { serveRelease } from "./fake-release.ts";
import { stubMachine } from "./stub-machine.ts";

const machine = stubMachine("go");

const go = (body: string) => machine.program("go", body);

/** Go 1.24 of Alpine or of Go's own image: it refuses a newer module unless it may fetch. */
const FORBIDDEN_TO_FETCH = `case "$1" in
version) echo "go version go1.24.4 linux/amd64" ;;
build) if [ "\${GOTOOLCHAIN:-local}" = local ]; then
    echo "go: go.mod requires go >= 1.25.0 (running go 1.24.4; GOTOOLCHAIN=local)" >&2; exit 1
  fi
  while [ "$1" != -o ]; do shift; done
  printf '#!/bin/sh\\necho "dagger v0.19.10 (image) linux/amd64"\\n' >"$2/dagger"; chmod +x "$2/dagger" ;;
esac`;
/** Go 1.19 of Debian 12. */
const OLD = `case "$1" in
version) echo "go version go1.19.8 linux/amd64" ;;
*) printf 'go: errors parsing go.mod:\\ngo.mod:3: invalid go version '"'1.25.0'"': must match format 1.23\\n' >&2; exit 1 ;;
esac`;

async function withoutNetwork<T>(body: () => Promise<T>): Promise<T> {
  const release = await serveRelease();
  release.stop();
  vi.stubEnv("NODE_OPTIONS", release.nodeOptions);
  return await body().finally(release.close);
}

describe("without the network, the command", () => {
  it("is built with a Go that fetches the version that go.mod asks for", async () => {
    go(FORBIDDEN_TO_FETCH);
    vi.stubEnv("GOTOOLCHAIN", "local");
    expect(await withoutNetwork(provideCommand)).toBe("built");
    expect(await withoutNetwork(provideCommand)).toBe("kept");
  });

  it("cannot be had with Debian 12's Go, and both reasons are told", async () => {
    go(OLD);
    const failed = withoutNetwork(provideCommand);
    await expect(failed).rejects.toThrow(
      /^MS-ENGINE-005 .*downloaded \(.*ECONNREFUSED.*\).*built \(the `go` on the PATH is 1\.19; Go 1\.21 or later is needed\).* Next: install Go 1\.21 or later/,
    );
  });

  it("of another version or half a program is replaced", async () => {
    go(FORBIDDEN_TO_FETCH);
    await withoutNetwork(provideCommand);
    writeFileSync(join(machine.folder(), "state/bin/dagger"), "#!/bin/sh\necho dagger v0.18.0 linux/amd64\n");
    expect(await withoutNetwork(provideCommand)).toBe("built");
    writeFileSync(join(machine.folder(), "state/bin/dagger"), "\x7fELF");
    expect(await withoutNetwork(provideCommand)).toBe("built");
  });
});

it("with the network, no Go is asked for", async () => {
  go("exit 1");
  const release = await serveRelease();
  vi.stubEnv("NODE_OPTIONS", release.nodeOptions);
  expect(await provideCommand().finally(release.close)).toBe("downloaded");
});

describe("Go", () => {
  it.each([
    ["go version go1.19.8 linux/amd64", /is 1\.19/],
    ["go version go1.18 gccgo (Debian 12.2.0-14) 12.2.0 linux/amd64", /is 1\.18/],
    ["go version go1.20.14 linux/amd64", /is 1\.20/],
  ])("of %s is too old", async (printed, reason) => {
    go(`echo "${printed}"`);
    expect(await whyNoGo()).toMatch(reason);
  });

  it.each([
    "go version go1.21.0 linux/amd64",
    "go version go1.26.8 X:nodwarf5 linux/arm64",
    "go version go2.0 linux/amd64",
    "go version devel +a1b2c3 linux/amd64",
  ])("of %s is not", async (printed) => {
    go(`echo "${printed}"`);
    expect(await whyNoGo()).toBeUndefined();
  });

  it("that does not run is reported with its own words", async () => {
    go('echo "go: cannot find GOROOT directory: /usr/lib/go" >&2; exit 2');
    expect(await whyNoGo()).toBe("`go version` ended with 2: go: cannot find GOROOT directory: /usr/lib/go");
  });

  it.each([
    [undefined, "auto"],
    ["", "auto"],
    ["local", "auto"],
    ["go1.26.0+auto", "go1.26.0+auto"],
  ])("with GOTOOLCHAIN %s builds with %s", (chosen, expected) => {
    expect(goBuildEnvironment({ GOTOOLCHAIN: chosen }).GOTOOLCHAIN).toBe(expected);
  });
});
