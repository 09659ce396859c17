/** Locks between processes that share a state folder. The kernel frees them, however their holder ends. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { EngineError } from "./engine-error.ts";

const LIMIT_SECONDS = 1800;
const HINT_MS = 1000;

/**
 * Run the body while holding the lock of that file; waits for another holder.
 *
 * @throws MS-ENGINE-008 when another process holds it for half an hour
 */
export async function withLock<T>(file: string, body: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const release = await acquire(file);
  try {
    return await body();
  } finally {
    release();
  }
}

/** Node has no flock(2): a child holds the lock until its input, our pipe, ends. */
function acquire(file: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const args = ["--exclusive", "--timeout", String(LIMIT_SECONDS), file, "sh", "-c", "echo held; exec cat"];
    const child = spawn("flock", args, { stdio: ["pipe", "pipe", "ignore"], detached: true });
    const hint = setTimeout(
      () => process.stderr.write(`  waiting for another run to free ${file}\n`),
      HINT_MS,
    );
    createInterface({ input: child.stdout }).once("line", () => {
      clearTimeout(hint);
      resolve(() => child.stdin.end());
    });
    child.on("error", () => {
      clearTimeout(hint);
      // No flock, no Linux: nothing is built here, so that nothing needs the lock.
      resolve(() => {});
    });
    child.on("exit", () => {
      clearTimeout(hint);
      reject(new EngineError("MS-ENGINE-008", `another process holds ${file}`));
    });
  });
}
