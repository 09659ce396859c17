/** One container: an OCI bundle made from a spec, run by runc in the foreground, its output in files. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { emitRuntimeBundle, type RuntimeBundleOptions } from "../../../dagger/src/emit/runtime-bundle.ts";
import type { ServiceSpec } from "../../../dagger/src/spec/service-spec.ts";
import {
  CGROUP_PARENT,
  type CgroupCounters,
  type CgroupPlace,
  locateCgroup,
  readCounters,
} from "./cgroup.ts";
import { type CommandResult, run, runAsync } from "./command.ts";
import { until } from "./wait.ts";

/** Directories of one run. */
export interface RunDirectories {
  /** Bundles, secrets and runc's state; removed with the run. */
  work: string;
  /** Output of the containers; kept. */
  logs: string;
}

/** What a container is made of. */
export interface ContainerPlan {
  name: string;
  spec: ServiceSpec;
  address: string;
  bundle: Omit<RuntimeBundleOptions, "cgroup">;
  /** Root that is writable although the spec forbids it: only a planted fault asks for it. */
  writableRoot?: boolean;
}

/** How a container ended. */
export interface ContainerExit {
  code: number;
  /** Time between the signal, or the start, and the end. */
  at: number;
}

const START_MS = 15_000;
const LAST_WORDS = 300;

/** A container that was started; a restart of the same service is a new one. */
export class Container {
  readonly plan: ContainerPlan;
  readonly id: string;
  readonly exited: Promise<ContainerExit>;
  #exit: ContainerExit | undefined;
  #place: CgroupPlace | undefined;
  readonly #directories: RunDirectories;
  readonly #process: ChildProcess;

  /** Starts it; `generation` tells restarts of one service apart. */
  constructor(plan: ContainerPlan, directories: RunDirectories, generation: number) {
    this.plan = plan;
    this.#directories = directories;
    this.id = `${plan.name}.${generation}`;
    writeBundle(plan, this.#bundle, `${CGROUP_PARENT}/${this.id}`);
    this.#process = this.#spawn();
    this.exited = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("exit", (code, signal) => {
        this.#exit = { code: code ?? (signal === "SIGKILL" ? 137 : 255), at: Date.now() };
        resolve(this.#exit);
      });
    });
    this.exited.catch(() => undefined);
  }

  get name(): string {
    return this.plan.name;
  }

  get address(): string {
    return this.plan.address;
  }

  get exit(): ContainerExit | undefined {
    return this.#exit;
  }

  /** File with what it wrote on standard output; restarts append. */
  get stdoutFile(): string {
    return `${this.#directories.logs}/${this.name}.log`;
  }

  /** File with what it wrote on standard error. */
  get stderrFile(): string {
    return `${this.#directories.logs}/${this.name}.stderr.log`;
  }

  /** The end of what it wrote, for an error message. */
  lastWords(): string {
    const text = [this.stdoutFile, this.stderrFile]
      .map((file) => readFileSync(file, "utf8").trim())
      .join("\n");
    return text.slice(-LAST_WORDS);
  }

  /** Waits until runc made the container; gives the moment its program started. */
  async started(): Promise<number> {
    await until(`${this.id} starts`, START_MS, () => {
      if (this.#exit) return true;
      return existsSync(this.#pidFile) && readFileSync(this.#pidFile, "utf8") !== "";
    });
    return existsSync(this.#pidFile) ? statSync(this.#pidFile).mtimeMs : Date.now();
  }

  /** Process id of PID 1, as the harness sees it. */
  pid(): number {
    return Number(readFileSync(this.#pidFile, "utf8"));
  }

  /** Sends a signal to PID 1. */
  signal(name: "TERM" | "KILL" | "INT"): void {
    this.#runc("kill", this.id, name);
  }

  /** Sends a signal and waits for the end. */
  async stop(
    name: "TERM" | "KILL" = "TERM",
    timeoutMs = 40_000,
  ): Promise<{ code: number; durationMs: number }> {
    const sent = Date.now();
    if (!this.#exit) this.signal(name);
    const exit = await until(`${this.id} ends after ${name}`, timeoutMs, () => this.#exit);
    return { code: exit.code, durationMs: exit.at - sent };
  }

  /** Freezes every process. */
  pause(): void {
    this.#runc("pause", this.id);
  }

  /** Undoes pause. */
  resume(): void {
    this.#runc("resume", this.id);
  }

  /** Runs a command inside, as the container's user and within its limits. */
  exec(args: readonly string[], timeoutMs?: number): Promise<CommandResult> {
    return runAsync("runc", ["--root", this.#runcRoot, "exec", this.id, ...args], timeoutMs);
  }

  counters(): CgroupCounters {
    this.#place ??= locateCgroup(this.pid());
    return readCounters(this.#place);
  }

  get #bundle(): string {
    return `${this.#directories.work}/bundles/${this.id}`;
  }

  get #pidFile(): string {
    return `${this.#bundle}/pid`;
  }

  get #runcRoot(): string {
    return `${this.#directories.work}/runc`;
  }

  #runc(...args: string[]): string {
    return run("runc", "--root", this.#runcRoot, ...args);
  }

  #spawn(): ChildProcess {
    const out = openSync(this.stdoutFile, "a");
    const err = openSync(this.stderrFile, "a");
    const args = [
      "--root",
      this.#runcRoot,
      "run",
      "--bundle",
      this.#bundle,
      "--pid-file",
      this.#pidFile,
      this.id,
    ];
    const child = spawn("runc", args, { stdio: ["ignore", out, err] });
    closeSync(out);
    closeSync(err);
    child.unref();
    return child;
  }
}

function writeBundle(plan: ContainerPlan, directory: string, cgroup: string): void {
  const spec = plan.writableRoot ? { ...plan.spec, readOnlyRoot: false } : plan.spec;
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    `${directory}/config.json`,
    JSON.stringify(emitRuntimeBundle(spec, { ...plan.bundle, cgroup, openFiles: openFileLimit() })),
  );
}

// Without CAP_SYS_RESOURCE nobody, not even root, raises a hard limit.
function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return limit === undefined || limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}
