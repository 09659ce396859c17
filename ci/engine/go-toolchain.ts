/** The machine's Go, as far as programs are built with it. */
import { runCommand } from "./run-command.ts";

/** The first Go that reads a `go` line with three numbers, and fetches that version where it is older itself. */
const OLDEST = [1, 21] as const;

/**
 * Environment of a build. Distributions and Go's own images forbid Go to fetch the version that go.mod asks for; a
 * person's other choice stays.
 */
export function goBuildEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const chosen = env.GOTOOLCHAIN;
  const toolchain = chosen === undefined || chosen === "" || chosen === "local" ? "auto" : chosen;
  return { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: toolchain };
}

/** Why this machine's Go builds nothing of ours; undefined when it can. */
export async function whyNoGo(): Promise<string | undefined> {
  // Outside of any module and without a fetch: the question is what is installed.
  const { exitCode, stdout, stderr } = await runCommand("go", ["version"], {
    cwd: "/",
    env: { GOTOOLCHAIN: "local" },
  });
  if (exitCode === 127) return "there is no `go` on the PATH";
  if (exitCode !== 0) return `\`go version\` ended with ${exitCode}: ${stderr.trim()}`;
  return whyTooOld(stdout);
}

/** Why the Go that prints this for `go version` is too old; undefined when it is not. */
export function whyTooOld(printed: string): string | undefined {
  const [, major, minor] = /\bgo(\d+)\.(\d+)/.exec(printed) ?? [];
  if (major === undefined || minor === undefined) return undefined; // A development version.
  const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
  if (!isOld) return undefined;
  return `the \`go\` on the PATH is ${major}.${minor}; Go ${OLDEST.join(".")} or later is needed`;
}
