/**
 * Formatters and linters of every language: `check` never writes, `fix` does.
 * Run: tsx ci/style/main.ts check|fix
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CheckError } from "../shared/check-error.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** One tool; `fix` is its writing twin where it has one. */
interface StyleTool {
  name: string;
  directory: string;
  check: string[];
  fix?: string[];
}

const cargo = "services";
const tools: StyleTool[] = [
  {
    name: "TypeScript and JSON: biome",
    directory: ".",
    check: ["npx", "biome", "check", "."],
    fix: ["npx", "biome", "check", "--write", "."],
  },
  { name: "TypeScript: types", directory: ".", check: ["npx", "tsc", "--noEmit", "-p", "tsconfig.json"] },
  {
    name: "Rust: rustfmt",
    directory: cargo,
    check: ["cargo", "fmt", "--all", "--check"],
    fix: ["cargo", "fmt", "--all"],
  },
  {
    name: "Rust: clippy",
    directory: cargo,
    check: ["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
  },
  {
    name: "Go: gofmt",
    directory: "ci/engine",
    check: ["sh", "-c", 'test -z "$(gofmt -l .)" || { gofmt -d .; exit 1; }'],
    fix: ["gofmt", "-w", "."],
  },
  { name: "proto: buf", directory: "services/contracts", check: ["npx", "buf", "lint"] },
  { name: "docs: generated pages", directory: ".", check: ["npx", "tsx", "ci/docs/main.ts", "check"] },
];

function run(tool: StyleTool, mode: "check" | "fix"): boolean {
  const command = mode === "fix" ? tool.fix : tool.check;
  if (!command) return true;
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { cwd: `${root}/${tool.directory}`, encoding: "utf8" });
  const good = result.status === 0;
  console.log(`${good ? "ok  " : "FAIL"} ${tool.name}`);
  if (!good)
    console.log(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}`.trimEnd());
  return good;
}

const mode = process.argv[2];
if (mode !== "check" && mode !== "fix") {
  console.error(new CheckError("MS-CHECK-001", "the mode is neither check nor fix").message);
  process.exit(64);
}
const results = tools.map((tool) => run(tool, mode));
process.exitCode = results.every(Boolean) ? 0 : 1;
