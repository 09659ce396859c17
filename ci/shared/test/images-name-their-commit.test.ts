import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commitArguments } from "../commit-arguments.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "commit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function ask(checkout: string, env?: NodeJS.ProcessEnv): { words: string[]; warnings: string[] } {
  const warnings: string[] = [];
  return { words: commitArguments(checkout, (line) => warnings.push(line), env), warnings };
}

describe("without git's answer", () => {
  /** A PATH whose only program is a `git` of these lines. */
  function withGit(...lines: string[]): NodeJS.ProcessEnv {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), ["#!/bin/sh", ...lines].join("\n"));
    chmodSync(join(bin, "git"), 0o755);
    return { PATH: bin };
  }

  it("there is one warning with its reason, and no argument", () => {
    const env = withGit(
      'echo "fatal: not a git repository (or any of the parent directories): .git" >&2; exit 128',
    );
    expect(ask(folder, env)).toEqual({
      words: [],
      warnings: [
        "the images will name no commit: fatal: not a git repository (or any of the parent directories): .git",
      ],
    });
  });

  it("a machine without git says so", () => {
    expect(ask(folder, { PATH: folder })).toEqual({
      words: [],
      warnings: ["the images will name no commit: spawnSync git ENOENT"],
    });
  });

  it("a checkout of which git cannot tell the changes does not count as clean", () => {
    const env = withGit(
      'case "$*" in *log*) echo "abc 2026-01-02T03:04:05Z" ;; *) echo "fatal: index file corrupt" >&2; exit 128 ;; esac',
    );
    expect(ask(folder, env)).toEqual({
      words: ["--commit", "abc-dirty", "--commit-date", "2026-01-02T03:04:05Z"],
      warnings: ["the images will name the commit as -dirty: fatal: index file corrupt"],
    });
  });
});

// The pipeline's own container has no git: there the world of the foreign owner is not among what counts.
describe.skipIf(spawnSync("git", ["--version"]).status !== 0)("with git", () => {
  // Versions of git write UTC in two ways.
  const DATE = "2026-01-02T03:04:05+02:00";
  const env = {
    ...process.env,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_DATE: DATE,
    GIT_COMMITTER_DATE: DATE,
  };

  function git(...args: string[]): string {
    const identity = ["-c", "user.name=a", "-c", "user.email=a@b"];
    const { stdout, stderr, status } = spawnSync("git", [...identity, ...args], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    expect(status, stderr).toBe(0);
    return stdout.trim();
  }

  function commitFile(): string[] {
    git("init", "--quiet", "checkout");
    writeFileSync(join(folder, "checkout", "file"), "text\n");
    git("-C", "checkout", "add", ".");
    git("-C", "checkout", "commit", "--quiet", "--message", "first");
    return ["--commit", git("-C", "checkout", "rev-parse", "HEAD"), "--commit-date", DATE];
  }

  it("a clean checkout has its commit, a changed one is dirty", () => {
    const words = commitFile();
    const checkout = join(folder, "checkout");
    expect(ask(checkout, env)).toEqual({ words, warnings: [] });
    writeFileSync(join(checkout, "file"), "other\n");
    expect(ask(checkout, env).words[1]).toBe(`${words[1]}-dirty`);
  });

  it.skipIf(process.getuid?.() !== 0)("a checkout of another owner has its commit", () => {
    const words = commitFile();
    spawnSync("chown", ["-R", "1234:1234", join(folder, "checkout")]);
    expect(ask(join(folder, "checkout"), env)).toEqual({ words, warnings: [] });
  });

  it("a worktree and a shallow clone have it too; a worktree whose repository is gone has none", () => {
    const words = commitFile();
    git("-C", "checkout", "worktree", "add", "--quiet", "--detach", join(folder, "tree"));
    git("clone", "--quiet", "--depth", "1", `file://${join(folder, "checkout")}`, "shallow");
    expect(ask(join(folder, "tree"), env).words).toEqual(words);
    expect(ask(join(folder, "shallow"), env).words).toEqual(words);
    renameSync(join(folder, "checkout"), join(folder, "moved"));
    const { words: none, warnings } = ask(join(folder, "tree"), env);
    expect(none).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining("not a git repository")]);
  });
});
