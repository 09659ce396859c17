/** One container of the system under test, whatever runs it. */
import type { ServiceSpec } from "../../../dagger/src/spec/service-spec.ts";
import type { CgroupCounters } from "./cgroup.ts";
import type { CommandResult } from "./command.ts";

/** How a container ended. */
export interface ContainerExit {
  code: number;
  /** When, ms since 1970. */
  at: number;
}

const LAST_WORDS = 300;

/** A container that was started; after a restart by the harness there is a new object. */
export interface Container {
  readonly name: string;
  readonly spec: ServiceSpec;
  /** Address at which the harness reaches it. */
  readonly address: string;
  /** Undefined while it runs. */
  readonly exit: ContainerExit | undefined;
  readonly exited: Promise<ContainerExit>;
  /** Whether connections from this address are its own. */
  hasAddress(address: string): boolean;
  /** What it wrote so far, over all its restarts. */
  output(stream: "stdout" | "stderr"): Promise<string>;
  /** Waits until its program runs; gives the moment it started, ms since 1970. */
  started(): Promise<number>;
  /** Process id of its first process, as the harness sees it. */
  pid(): number;
  /** Sends a signal to the first process and waits for the end. */
  stop(signal?: "TERM" | "KILL", timeoutMs?: number): Promise<{ code: number; durationMs: number }>;
  /** Freezes every process. */
  pause(): Promise<void>;
  /** Undoes pause. */
  resume(): Promise<void>;
  /** Runs a command inside, as the container's user and within its limits. */
  exec(args: readonly string[], timeoutMs?: number): Promise<CommandResult>;
  counters(): CgroupCounters;
}

/** The end of what it wrote, for an error message. */
export async function lastWords(container: Container): Promise<string> {
  const texts = await Promise.all([container.output("stdout"), container.output("stderr")]);
  return texts
    .map((text) => text.trim())
    .join("\n")
    .slice(-LAST_WORDS);
}
