/** One container: an OCI bundle made from a spec, run by runc in the foreground, its output in files. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { emitRuntimeBundle, type RuntimeBundleOptions } from "../../../../dagger/src/emit/runtime-bundle.ts";
import type { ServiceSpec } from "../../../../dagger/src/spec/service-spec.ts";
import { type CgroupCounters, type CgroupPlace, limitsSwap, locateCgroup, readCounters } from "../cgroup.ts";
import { type CommandResult, run, runAsync } from "../command.ts";
import type { Container, ContainerExit } from "../container.ts";
import { until } from "../wait.ts";

/** Directories of one run. */
export interface RunDirectories {
  /** Bundles, secrets and runc's state; removed with the run. */
  work: string;
  /** Output of the containers; kept. */
  logs: string;
  /** Parent of the containers' control groups, below the hierarchy. */
  group: string;
}

/** What a container is made of. */
export interface ContainerPlan {
  name: string;
  spec: ServiceSpec;
  address: string;
  bundle: Omit<RuntimeBundleOptions, "cgroup" | "limitSwap" | "openFiles">;
  /** Root that is writable although the spec forbids it: only a planted fault asks for it. */
  writableRoot?: boolean;
}

const START_MS = 15_000;

/** A container that was started; a restart of the same service is a new one. */
export class RuncContainer implements Container {
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
    writeBundle(plan, this.#bundle, directories.group, this.id);
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

  get spec(): ServiceSpec {
    return this.plan.spec;
  }

  get address(): string {
    return this.plan.address;
  }

  hasAddress(address: string): boolean {
    return address === this.address;
  }

  get exit(): ContainerExit | undefined {
    return this.#exit;
  }

  async output(stream: "stdout" | "stderr"): Promise<string> {
    return readFileSync(this.#outputFile(stream), "utf8");
  }

  /** Waits until runc made the container; gives the moment its program started. */
  async started(): Promise<number> {
    await until(`${this.id} starts`, START_MS, () => {
      if (this.#exit) return true;
      return existsSync(this.#pidFile) && readFileSync(this.#pidFile, "utf8") !== "";
    });
    return existsSync(this.#pidFile) ? statSync(this.#pidFile).mtimeMs : Date.now();
  }

  pid(): number {
    return Number(readFileSync(this.#pidFile, "utf8"));
  }

  async stop(
    name: "TERM" | "KILL" = "TERM",
    timeoutMs = 40_000,
  ): Promise<{ code: number; durationMs: number }> {
    const sent = Date.now();
    if (!this.#exit) this.#runc("kill", this.id, name);
    const exit = await until(`${this.id} ends after ${name}`, timeoutMs, () => this.#exit);
    return { code: exit.code, durationMs: exit.at - sent };
  }

  async pause(): Promise<void> {
    this.#runc("pause", this.id);
  }

  async resume(): Promise<void> {
    this.#runc("resume", this.id);
  }

  exec(args: readonly string[], timeoutMs?: number): Promise<CommandResult> {
    return runAsync("runc", ["--root", this.#runcRoot, "exec", this.id, ...args], timeoutMs);
  }

  counters(): CgroupCounters {
    this.#place ??= locateCgroup(this.pid());
    return readCounters(this.#place);
  }

  // Restarts append.
  #outputFile(stream: "stdout" | "stderr"): string {
    return `${this.#directories.logs}/${this.name}${stream === "stdout" ? "" : ".stderr"}.log`;
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
    const out = openSync(this.#outputFile("stdout"), "a");
    const err = openSync(this.#outputFile("stderr"), "a");
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

function writeBundle(plan: ContainerPlan, directory: string, group: string, id: string): void {
  const spec = plan.writableRoot ? { ...plan.spec, readOnlyRoot: false } : plan.spec;
  const machine = { cgroup: `${group}/${id}`, limitSwap: limitsSwap(group), openFiles: openFileLimit() };
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    `${directory}/config.json`,
    JSON.stringify(emitRuntimeBundle(spec, { ...plan.bundle, ...machine })),
  );
}

// Without CAP_SYS_RESOURCE nobody, not even root, raises a hard limit.
function openFileLimit(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return limit === undefined || limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit);
}
