/** The compose project of the stack: its directory, its files, and compose run on them. */
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { COMPOSE_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { runCommand } from "../engine/run-command.ts";
import { root } from "../shared/dagger-call.ts";
import type { ComposeCommand } from "./compose-command.ts";
import { DEMO_FILE } from "./demo.ts";

/** Name of the project, as the emitted file says. */
export const PROJECT = "mistersmith";

/** A project that compose can be run on. */
export class ComposeProject {
  readonly directory: string;
  readonly #command: ComposeCommand;

  constructor(command: ComposeCommand, directory: string = process.env.STACK_DIR ?? `${root}/out/stack`) {
    this.directory = directory;
    this.#command = command;
  }

  /** Whether its files were written. */
  get exists(): boolean {
    return existsSync(`${this.directory}/${COMPOSE_FILE}`);
  }

  /** The command line up to compose's command, as a person types it. */
  get words(): string[] {
    if (!this.exists) return [...this.#command, "--project-name", PROJECT];
    const files = [COMPOSE_FILE, DEMO_FILE].filter((name) => existsSync(`${this.directory}/${name}`));
    return [...this.#command, ...files.flatMap((name) => ["--file", shortest(`${this.directory}/${name}`)])];
  }

  /** Runs compose and shows what it says; any exit code is an answer. */
  async run(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const [program = "", ...words] = this.words;
    const onOutput = (chunk: string): void => {
      process.stderr.write(chunk);
    };
    return runCommand(program, [...words, ...args], { onOutput });
  }

  /** Runs compose without showing it; gives what it printed. */
  async ask(...args: string[]): Promise<string> {
    const [program = "", ...words] = this.words;
    return (await runCommand(program, [...words, ...args])).stdout.trim();
  }
}

/** The path as a person would type it from where they are. */
function shortest(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
