/** What the images say about their source: the module sees no .git, so that it is told. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";

/** Owner of the checkout makes no difference: git is told which repository is meant, and does not look for one. */
const THIS_ONE = ["--git-dir=.git", "--work-tree=."];
/** A person's configuration may add lines to every log. */
const HEAD = ["log", "-1", "--no-show-signature", "--format=%H %cI"];
const CHANGES = ["status", "--porcelain", "--untracked-files=no"];

/**
 * The arguments of `dagger call` that name commit and date; none, and a warning, where git gives no commit.
 *
 * @param checkout its folder
 * @param warn gets one line
 * @param env for git, its PATH above all
 */
export function commitArguments(
  checkout: string,
  warn: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): string[] {
  const git = (args: readonly string[]) => spawnSync("git", args, { cwd: checkout, env, encoding: "utf8" });
  const found = git(HEAD);
  const place = found.status === 0 ? [] : THIS_ONE;
  const head = found.status === 0 ? found : git([...THIS_ONE, ...HEAD]);
  if (head.status !== 0) {
    warn(`the images will name no commit: ${reasonOf(found)}`);
    return [];
  }
  const [commit, date = ""] = head.stdout.trim().split(" ");
  const changes = git([...place, ...CHANGES]);
  if (changes.status !== 0) warn(`the images will name the commit as -dirty: ${reasonOf(changes)}`);
  const isClean = changes.status === 0 && changes.stdout.trim() === "";
  return ["--commit", `${commit}${isClean ? "" : "-dirty"}`, "--commit-date", date];
}

/** Git's own first line, or why it could not be started. */
function reasonOf({ error, stderr, signal, status }: SpawnSyncReturns<string>): string {
  if (error) return error.message;
  return stderr.trim().split("\n")[0] || `git ended with ${signal ?? status}`;
}
