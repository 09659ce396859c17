/** The engine and the dagger command, built from their Go modules and verified against our go.sum. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineError } from "./engine-error.ts";
import { fingerprint, hashFiles } from "./fingerprint.ts";
import { goBuildEnvironment, whyNoGo } from "./go-toolchain.ts";
import { stateDir } from "./state.ts";
import { step } from "./step.ts";
import { versions } from "./versions.ts";

/** Folder of the Go module whose tools the binaries are. */
export const BINARIES_MODULE = fileURLToPath(new URL("binaries", import.meta.url));
const PACKAGE = "github.com/dagger/dagger/cmd/";
const TAGS = "dfexcludepatterns,dfparents";

/** Where the binaries end up. */
export function binariesDir(): string {
  return join(stateDir(), "bin");
}

/** Program names as the Go packages are called. */
export type Binary = "dagger" | "engine" | "init" | "dialstdio" | "dnsname" | "codegen";

/** Everything that the engine image and the SDKs need. */
export const ALL_BINARIES: Binary[] = ["dagger", "engine", "init", "dialstdio", "dnsname", "codegen"];

/** Path of a built binary. */
export function binaryPath(binary: Binary): string {
  return join(binariesDir(), binary);
}

/**
 * Build binaries; returns the fingerprint of what they are made of.
 *
 * @throws MS-ENGINE-005 when they must be built and the host has no Go, or too old a one
 */
export async function buildBinaries(binaries: Binary[]): Promise<string> {
  const version = versions.engine.dagger;
  const flags = ["Version", "Tag"].map((name) => `-X github.com/dagger/dagger/engine.${name}=${version}`);
  const args = ["build", "-trimpath", "-tags", TAGS, "-ldflags", `-s -w ${flags.join(" ")}`];
  const print = fingerprint({ args, binaries, module: hashFiles([BINARIES_MODULE]) });
  await step(`binaries-${binaries.length}`, print, binaries.map(binaryPath), async ({ run }) => {
    const reason = await whyNoGo();
    if (reason !== undefined) throw new EngineError("MS-ENGINE-005", reason);
    mkdirSync(binariesDir(), { recursive: true });
    await run("go", [...args, "-o", `${binariesDir()}/`, ...binaries.map((name) => PACKAGE + name)], {
      cwd: BINARIES_MODULE,
      env: goBuildEnvironment(),
    });
  });
  return print;
}
