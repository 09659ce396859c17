/** Locks between processes that share a state folder. Where there is flock the kernel frees them, however their holder ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { EngineError } from "./engine-error.ts";

const LIMIT_MS = 30 * 60_000;
const HINT_MS = 1000;
const RETRY_MS = 500;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What a test replaces; times in milliseconds. */
export interface LockOptions {
  /** How long another holder is waited for. */
  limitMs?: number;
  /** Environment of the `flock` program, its PATH above all. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Run the body while holding the lock of that file; waits for another holder.
 *
 * @throws MS-ENGINE-008 when another process holds it for half an hour, MS-ENGINE-020 when the folder cannot be made,
 *   MS-ENGINE-021 when the lock cannot be taken
 */
export async function withLock<T>(
  file: string,
  body: () => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const release = await acquire(file, options);
  try {
    return await body();
  } finally {
    await release();
  }
}

type Release = () => void | Promise<void>;

async function acquire(
  file: string,
  { limitMs = LIMIT_MS, env = process.env }: LockOptions,
): Promise<Release> {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new EngineError("MS-ENGINE-020", `${dirname(file)} cannot be made: ${reasonOf(error)}`);
  }
  const hint = setTimeout(() => process.stderr.write(`  waiting for another run to free ${file}\n`), HINT_MS);
  try {
    return (await flock(file, limitMs, env)) ?? (await lockFolder(file, limitMs));
  } finally {
    clearTimeout(hint);
  }
}

/**
 * Node has no flock(2): a child holds the lock until its input, our pipe, ends. Only options that util-linux and busybox
 * both know are used; the time limit is ours, since busybox has none. Undefined where there is no such program.
 */
function flock(file: string, limitMs: number, env: NodeJS.ProcessEnv): Promise<Release | undefined> {
  return new Promise((resolve, reject) => {
    const args = ["-x", file, "sh", "-c", "echo held; exec cat"];
    const child = spawn("flock", args, { stdio: "pipe", detached: true, env });
    let isLate = false;
    let words = "";
    const settled = endWhenStopped(child, limitMs, () => {
      isLate = true;
    });
    child.stderr.on("data", (chunk) => {
      words += chunk;
    });
    createInterface({ input: child.stdout }).once("line", () => {
      settled();
      resolve(() => {
        child.stdin.end();
      });
    });
    child.on("error", () => {
      settled();
      resolve(undefined);
    });
    child.on("close", (code, signal) => {
      settled();
      if (isLate) return reject(heldByAnother(file));
      const said = words.trim().split("\n")[0] || `flock ended with ${signal ?? code}`;
      reject(new EngineError("MS-ENGINE-021", `${file} cannot be locked: ${said}`));
    });
  });
}

/** Ends the waiting child after the limit, or when we are told to stop; gives what takes that back. */
function endWhenStopped(child: ChildProcess, limitMs: number, onLimit: () => void): () => void {
  const stop = () => child.kill();
  const limit = setTimeout(() => {
    onLimit();
    stop();
  }, limitMs);
  for (const signal of SIGNALS) process.on(signal, stop);
  return () => {
    clearTimeout(limit);
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}

/** Without flock, on a Mac for one: a folder that is there while the lock is held, and counts as left when it grows old. */
async function lockFolder(file: string, limitMs: number): Promise<Release> {
  const { lock } = await import("proper-lockfile");
  const retries = { retries: Math.ceil(limitMs / RETRY_MS), factor: 1, minTimeout: RETRY_MS };
  const onCompromised = () => process.stderr.write(`  another run took the lock of ${file} over\n`);
  try {
    return await lock(file, { realpath: false, retries, onCompromised });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOCKED") throw heldByAnother(file);
    throw new EngineError("MS-ENGINE-021", `${file} cannot be locked: ${reasonOf(error)}`);
  }
}

function heldByAnother(file: string): EngineError {
  return new EngineError("MS-ENGINE-008", `another process holds ${file}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
