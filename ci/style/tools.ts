/** The formatters and linters, and what each needs of the machine. */
import { readFileSync } from "node:fs";

/** One tool; `fix` is its writing twin where it has one. */
export interface StyleTool {
  name: string;
  /** Below the checkout. */
  directory: string;
  check: readonly string[];
  fix?: readonly string[];
  /** A tool that ends well and prints what is wrong. */
  isQuietWhenGood?: boolean;
  /** A command that works where the tool is there; none for what npm installs. */
  ask?: readonly string[];
  /** Said of a tool that is there, when what it finds is not what the pipeline finds. */
  note?: string;
}

const RUST = "services";
const CLIPPY = ["cargo", "clippy", "--workspace", "--all-targets", "--locked"];

/**
 * All tools.
 *
 * @param clippy version of the machine's clippy as `1.95`, undefined where there is none
 * @param pipelines the version that the pipeline checks with
 */
export function styleTools(clippy: string | undefined, pipelines: string): readonly StyleTool[] {
  // Each version has lints of its own: those of another are worth reading, and no reason to be red.
  const isOther = clippy !== undefined && clippy !== pipelines;
  const note = `warnings do not count: it is of Rust ${clippy}, the pipeline's of ${pipelines}`;
  return [
    {
      name: "TypeScript and JSON: biome",
      directory: ".",
      check: ["npx", "biome", "check", "."],
      fix: ["npx", "biome", "check", "--write", "."],
    },
    { name: "TypeScript: types", directory: ".", check: ["npx", "tsc", "--noEmit", "-p", "tsconfig.json"] },
    {
      name: "Rust: rustfmt",
      directory: RUST,
      check: ["cargo", "fmt", "--all", "--check"],
      fix: ["cargo", "fmt", "--all"],
      ask: ["cargo", "fmt", "--version"],
    },
    {
      name: "Rust: clippy",
      directory: RUST,
      check: isOther ? CLIPPY : [...CLIPPY, "--", "-D", "warnings"],
      ask: ["cargo", "clippy", "--version"],
      ...(isOther ? { note } : {}),
    },
    {
      name: "Go: gofmt",
      directory: "ci",
      check: ["gofmt", "-d", "."],
      isQuietWhenGood: true,
      fix: ["gofmt", "-w", "."],
      ask: ["gofmt", "-l"],
    },
    { name: "proto: buf", directory: "services/contracts", check: ["npx", "buf", "lint"] },
    {
      name: "docs: generated pages",
      directory: ".",
      check: ["npx", "tsx", "ci/docs/main.ts", "check"],
    },
  ];
}

/** Rust's version, `1.95`, of what `cargo clippy --version` prints (`clippy 0.1.95 (...)`). */
export function clippyVersion(output: string): string | undefined {
  const minor = /^clippy 0\.1\.(\d+)/.exec(output)?.[1];
  return minor === undefined ? undefined : `1.${minor}`;
}

/** Rust's version in the pipeline, `1.95`. */
export function pipelinesRust(root: string): string {
  const { images } = JSON.parse(readFileSync(`${root}/ci/versions.json`, "utf8")) as {
    images: { rust: string };
  };
  return /:(\d+\.\d+)/.exec(images.rust)?.[1] ?? "";
}
