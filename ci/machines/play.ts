/** Plays one world: makes its place, runs its command, judges what came out. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { type Ending, problemsOf, reasonNotRun } from "./judge.ts";
import { lacking } from "./needs.ts";
import { makePlace, type Place } from "./place.ts";
import type { World } from "./world.ts";

/** What is known of a world after a run of the table. */
export type Outcome =
  | { world: World; kind: "green"; seconds: number }
  | { world: World; kind: "red"; seconds: number; problems: string[]; log?: string }
  | { world: World; kind: "not run"; reason: string };

/** Where logs go, below the checkout. */
const LOGS = "out/log/machines";

let running: ChildProcess | undefined;
let isStopping = false;

/** Ends what runs, with all that it started; nothing more begins. */
export function stopPlaying(): void {
  isStopping = true;
  endGroup(running);
}

/**
 * Plays it. A place that cannot be made is red too: nobody can say what would come out there.
 *
 * @param root this checkout
 */
export async function play(world: World, root: string): Promise<Outcome> {
  const { run, note = "" } = world;
  if (run === undefined) return { world, kind: "not run", reason: note };
  const lacks = lacking(needsOf(world));
  if (lacks.length > 0) return { world, kind: "not run", reason: `it needs ${lacks.join(", ")}` };
  if (isStopping) return { world, kind: "not run", reason: "the run was stopped" };
  let place: Place;
  try {
    place = makePlace(world, root);
  } catch (error) {
    return {
      world,
      kind: "red",
      seconds: 0,
      problems: [error instanceof Error ? error.message : String(error)],
    };
  }
  try {
    const ending = await end(world, run, place);
    const log = `${LOGS}/${world.name}.log`;
    mkdirSync(`${root}/${LOGS}`, { recursive: true });
    writeFileSync(`${root}/${log}`, ending.output);
    const reason = reasonNotRun(ending);
    if (reason !== undefined) return { world, kind: "not run", reason };
    const problems = problemsOf(world.expect, ending);
    const { seconds } = ending;
    return problems.length === 0
      ? { world, kind: "green", seconds }
      : { world, kind: "red", seconds, problems, log };
  } finally {
    place.remove();
  }
}

/** What follows from the differences comes on top of what the world names. */
function needsOf({ needs, with: { user, checkout } }: World): World["needs"] {
  const root = user !== undefined || checkout?.owner !== undefined;
  return [
    ...new Set([
      ...needs,
      ...(root ? (["root", "linux"] as const) : []),
      ...(checkout ? (["git"] as const) : []),
    ]),
  ];
}

function end(world: World, script: string, { directory, env, user }: Place): Promise<Ending> {
  const mask = world.with.umask ? `umask ${world.with.umask}; ` : "";
  const shell = ["sh", "-c", `${mask}${script}`];
  const home = env.HOME ? [`HOME=${env.HOME}`] : [];
  const [program = "", ...args] = user ? ["runuser", "-u", user, "--", "env", ...home, ...shell] : shell;
  const started = Date.now();
  // A group of its own: whatever the command starts ends with it.
  const child = spawn(program, args, {
    cwd: directory,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running = child;
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    endGroup(child);
  }, world.limitSeconds * 1000);
  return new Promise((done) => {
    const finish = (code: number | undefined, more = "") => {
      clearTimeout(limit);
      running = undefined;
      const seconds = (Date.now() - started) / 1000;
      done({ exitCode: isLate ? undefined : code, output: output + more, seconds });
    };
    child.on("error", (error) => finish(127, error.message));
    child.on("close", (code) => finish(code ?? 255));
  });
}

function endGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended in between.
  }
}
