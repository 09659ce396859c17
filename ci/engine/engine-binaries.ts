/** The engine and the dagger command, built from their Go modules and verified against our go.sum. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EngineError } from "./engine-error.ts";
import { hasProgram } from "./run-command.ts";
import { stateDir } from "./state.ts";
import { step } from "./step.ts";
import { versions } from "./versions.ts";

const MODULE = fileURLToPath(new URL("binaries", import.meta.url));
const PACKAGE = "github.com/dagger/dagger/cmd/";

/** Where the binaries end up. */
export const binariesDir = `${stateDir()}/bin`;

/** Program names as the Go packages are called. */
export type Binary = "dagger" | "engine" | "init" | "dialstdio" | "dnsname" | "codegen";

/** Everything that the engine image and the SDKs need. */
export const ALL_BINARIES: Binary[] = ["dagger", "engine", "init", "dialstdio", "dnsname", "codegen"];

/** Path of a built binary. */
export function binaryPath(binary: Binary): string {
  return `${binariesDir}/${binary}`;
}

/**
 * Builds the binaries.
 *
 * @throws MS-ENGINE-005 when the host has no Go toolchain
 */
export async function buildBinaries(binaries: Binary[]): Promise<void> {
  if (!(await hasProgram("go"))) throw new EngineError("MS-ENGINE-005", "there is no `go` on the PATH");
  const version = versions.engine.dagger;
  const flags = ["Version", "Tag"].map((name) => `-X github.com/dagger/dagger/engine.${name}=${version}`);
  const args = [
    "build",
    "-trimpath",
    "-tags",
    "dfexcludepatterns,dfparents",
    "-ldflags",
    `-s -w ${flags.join(" ")}`,
  ];
  const sums = ["go.mod", "go.sum", "distconsts/consts.go"].map((file) =>
    readFileSync(`${MODULE}/${file}`, "utf8"),
  );
  await step(
    `binaries-${binaries.length}`,
    { args, binaries, sums },
    binaries.map(binaryPath),
    async ({ run }) => {
      await run("mkdir", ["-p", binariesDir]);
      await run("go", [...args, "-o", `${binariesDir}/`, ...binaries.map((name) => PACKAGE + name)], {
        cwd: MODULE,
        env: { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
      });
    },
  );
}
