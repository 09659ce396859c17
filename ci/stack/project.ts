/** The compose project of the stack: its name, its directory, its files, and compose run on them. */
import { existsSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { COMPOSE_FILE } from "../../dagger/src/deployment/compose-files.ts";
import { PROJECT } from "../../dagger/src/emit/compose.ts";
import { type CommandResult, runCommand } from "../engine/run-command.ts";
import { root } from "../shared/dagger-call.ts";
import type { ComposeCommand } from "./compose-command.ts";
import { DEMO_FILE } from "./demo.ts";
import { StackError } from "./stack-error.ts";

/** Compose's own rule for the name of a project. */
const NAME = /^[a-z0-9][a-z0-9_-]*$/;
/** Variables of compose that only change how it looks; all others choose another project, other files or services. */
const HONOURED = ["COMPOSE_ANSI", "COMPOSE_PROGRESS", "COMPOSE_PARALLEL_LIMIT"];
/** The images are of one platform, whatever a person's other projects are built for. */
const PLATFORM = "DOCKER_DEFAULT_PLATFORM";

/**
 * Name of the project: STACK_NAME, for a second stack on one machine.
 *
 * @throws StackError MS-STACK-013
 */
export function projectName(env: NodeJS.ProcessEnv = process.env): string {
  const name = env.STACK_NAME || PROJECT;
  if (NAME.test(name)) return name;
  throw new StackError("MS-STACK-013", `STACK_NAME is "${name}"`);
}

/** Takes away what the shell says to compose about other projects; to be added to a program's environment. */
export function withoutComposeSettings(env: NodeJS.ProcessEnv = process.env): Record<string, undefined> {
  const names = Object.keys(env).filter((name) => name.startsWith("COMPOSE_") && !HONOURED.includes(name));
  return Object.fromEntries([...names, PLATFORM].map((name) => [name, undefined]));
}

/** A project that compose can be run on. */
export class ComposeProject {
  readonly name: string;
  /** Absolute path. */
  readonly directory: string;
  readonly #command: ComposeCommand;

  constructor(command: ComposeCommand, env: NodeJS.ProcessEnv = process.env) {
    this.name = projectName(env);
    const own = this.name === PROJECT ? "stack" : `stack-${this.name}`;
    this.directory = resolve(env.STACK_DIR || `${root}/out/${own}`);
    this.#command = command;
  }

  /** Whether its files were written. */
  get exists(): boolean {
    return existsSync(this.#composeFile);
  }

  /** The emitted file as it was last written; empty when it was not. */
  get text(): string {
    return this.exists ? readFileSync(this.#composeFile, "utf8") : "";
  }

  /** The command line up to compose's command, as a person types it. */
  get words(): string[] {
    const files = [COMPOSE_FILE, DEMO_FILE].filter((name) => existsSync(`${this.directory}/${name}`));
    const named = this.exists
      ? files.flatMap((name) => ["--file", shortest(`${this.directory}/${name}`)])
      : [];
    return [...this.#command, "--project-name", this.name, ...named];
  }

  /** Runs compose and shows what it says; any exit code is an answer. */
  async run(...args: string[]): Promise<CommandResult> {
    return this.#compose(args, (chunk) => process.stderr.write(chunk));
  }

  /** Runs compose without showing it; gives what it printed. */
  async ask(...args: string[]): Promise<string> {
    return (await this.#compose(args)).stdout.trim();
  }

  get #composeFile(): string {
    return `${this.directory}/${COMPOSE_FILE}`;
  }

  #compose(args: readonly string[], onOutput?: (chunk: string) => void): Promise<CommandResult> {
    const [program = "", ...words] = this.words;
    return runCommand(program, [...words, ...args], {
      env: withoutComposeSettings(),
      // Without files of ours compose would take those of the folder that a person is in, or of one above it.
      ...(!this.exists && { cwd: "/" }),
      ...(onOutput && { onOutput }),
    });
  }
}

/** The path as a person would type it from where they are. */
function shortest(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
