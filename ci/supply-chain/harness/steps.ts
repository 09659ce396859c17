/** Runs the pipeline's own steps, as the graph runs them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STEPS = fileURLToPath(new URL("../../../dagger/steps/", import.meta.url));

/** A directory that goes when the test file ends. */
export class Workplace {
  readonly path = mkdtempSync(join(tmpdir(), "supply-chain-"));

  /** Path inside. */
  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Runs a step; its failure is the test's. */
export function runStep(name: string, words: readonly string[], env: Record<string, string> = {}): string {
  const program = name.endsWith(".mjs") ? [process.execPath, STEPS + name] : [STEPS + name];
  const [command = "", ...first] = program;
  return execFileSync(command, [...first, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Runs a program that may refuse. */
export function run(command: string, ...words: string[]): { status: number; text: string } {
  const { status, stdout, stderr, error } = spawnSync(command, words, {
    encoding: "utf8",
    env: { ...process.env, COSIGN_PASSWORD: "test" },
  });
  if (error) throw error;
  return { status: status ?? -1, text: `${stdout}${stderr}` };
}

/** Address of the registry that these tests may write to. */
export function testRegistry(): string {
  const address = process.env.TEST_REGISTRY;
  if (!address) throw new Error("TEST_REGISTRY is not set: give host:port of a registry that speaks http");
  return address;
}
