import type { Container } from "@dagger.io/dagger";

/** How a command ended that may end in any way (`ReturnType.Any`). */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the last command of a container; its exit code is an answer, not an error. */
export async function outcomeOf(run: Container): Promise<Outcome> {
  const [code, stdout, stderr] = await Promise.all([run.exitCode(), run.stdout(), run.stderr()]);
  return { code, stdout, stderr };
}
