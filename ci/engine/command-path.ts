/** Where our own calls find the dagger command: a folder that holds nothing else, first in their PATH. */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { stateDir } from "./state.ts";

/** The folder; empty while the person's own command is the right one. */
export function commandFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(stateDir(env), "command");
}

/** From now on our calls start this program as `dagger`, whatever else the PATH has. */
export function preferCommand(program: string): void {
  const link = join(commandFolder(), "dagger");
  mkdirSync(commandFolder(), { recursive: true });
  rmSync(`${link}.new`, { force: true });
  symlinkSync(program, `${link}.new`);
  // In one step: another call may be looking for it.
  renameSync(`${link}.new`, link);
}

/** From now on our calls start the command that a person's shell finds. */
export function preferPersonsCommand(): void {
  rmSync(join(commandFolder(), "dagger"), { force: true });
}

/** Whether our calls start our own command. */
export function prefersOwnCommand(): boolean {
  return existsSync(join(commandFolder(), "dagger"));
}

/** Environment of whatever starts `dagger`, or starts a program that does. */
export function daggerEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const path = [commandFolder(env), env.PATH].filter((part) => part !== undefined && part !== "");
  return { ...env, PATH: path.join(delimiter) };
}
