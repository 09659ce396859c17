/** Calls of the pipeline from the host's scripts. */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Where the main job's report goes, below the checkout. */
export const reportDirectory = "out/report";

/** How a call ended. */
export interface CallResult {
  exitCode: number;
  /** Everything it printed. */
  output: string;
}

/** Arguments of the main job. */
export function reportArguments(): string[] {
  const head = spawnSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: root, encoding: "utf8" });
  const revision = head.status === 0 ? head.stdout.trim() : "unknown";
  return ["report", "--revision", revision, "export", "--path", reportDirectory];
}

/** What the images say about their source; the module sees no .git. Nothing outside of a repository. */
export function commitArguments(): string[] {
  const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const head = git("log", "-1", "--format=%H %cI");
  if (head.status !== 0) return [];
  const [commit, date = ""] = head.stdout.trim().split(" ");
  const dirty = git("status", "--porcelain", "--untracked-files=no").stdout.trim() === "" ? "" : "-dirty";
  return ["--commit", `${commit}${dirty}`, "--commit-date", date];
}

/** Runs `dagger call`, showing what it prints as it comes. */
export function runDagger(args: readonly string[]): Promise<CallResult> {
  return new Promise((resolve) => {
    const child = spawn("dagger", ["--progress", "plain", "call", ...commitArguments(), ...args], {
      cwd: root,
      // Progress in plain form is the same on a terminal and in CI; colours would only hide the words.
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (chunk: Buffer, to: NodeJS.WriteStream): void => {
      output += chunk.toString();
      to.write(chunk);
    };
    child.stdout.on("data", (chunk: Buffer) => take(chunk, process.stdout));
    child.stderr.on("data", (chunk: Buffer) => take(chunk, process.stderr));
    child.on("error", (error) => {
      console.error(`MS-PIPE-008 dagger cannot be started: ${error.message}. Next: make setup`);
      resolve({ exitCode: 127, output });
    });
    child.on("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
