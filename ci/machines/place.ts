/** Where one world is played: a folder of its own with home, state and programs, and all of it gone afterwards. */
import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { daggerEnvironment } from "../engine/command-path.ts";
import { CheckError } from "../shared/check-error.ts";
import { makeCheckout } from "./checkout.ts";
import type { Differences, World } from "./world.ts";

const STUBS = fileURLToPath(new URL("stubs", import.meta.url));
const GROUP_OF: Readonly<Record<NonNullable<Differences["user"]>, string[]>> = {
  docker: ["--groups", "docker"],
  outsider: [],
};
/** Everybody may pass through, as through /tmp. */
const OPEN = 0o755;

/** A place that was made. */
export interface Place {
  /** Where the command runs. */
  directory: string;
  env: NodeJS.ProcessEnv;
  /** Name of the user that was made for it. */
  user?: string;
  /** Takes everything away again. */
  remove: () => void;
}

/**
 * Makes the place of a world.
 *
 * @param root this checkout
 * @throws CheckError MS-CHECK-052 when a part of it cannot be made
 */
export function makePlace(world: World, root: string): Place {
  const { with: differs } = world;
  const base = mkdtempSync(join(tmpdir(), `world-${world.name}-`));
  chmodSync(base, OPEN);
  const undo: (() => void)[] = [() => rmSync(base, { recursive: true, force: true })];
  const remove = () => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    const home = differs.state === "own" ? folder(base, "home") : undefined;
    const path = searchPath(base, differs);
    const directory = differs.checkout ? makeCheckout(root, base, differs.checkout, undo) : root;
    const user = differs.user && makeUser(base, differs.user, undo);
    if (user) give(user, [home, differs.checkout && directory]);
    return { directory, env: environment(differs, path, home), ...(user && { user }), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function environment(differs: Differences, path: string, home: string | undefined): NodeJS.ProcessEnv {
  const own = home && {
    HOME: home,
    MISTERSMITH_STATE: join(home, "state"),
    XDG_CACHE_HOME: join(home, "cache"),
  };
  const env: NodeJS.ProcessEnv = { ...process.env, ...own, PATH: path };
  for (const [name, value] of Object.entries(differs.env)) {
    if (value === null) delete env[name];
    else env[name] = value;
  }
  return env;
}

/** The PATH with the stubs first, and without what is hidden. */
function searchPath(base: string, { stubs, hide, state }: Differences): string {
  const stubbed = folder(base, "stubs");
  for (const [program, state] of Object.entries(stubs)) {
    const stub = join(STUBS, program, state);
    if (!existsSync(stub))
      throw new CheckError("MS-CHECK-052", `there is no stub ci/machines/stubs/${program}/${state}`);
    copyFileSync(stub, join(stubbed, program));
    chmodSync(join(stubbed, program), OPEN);
  }
  // The command of this machine belongs to its state, and may be on no person's PATH.
  const rest = (state === "shared" ? daggerEnvironment() : process.env).PATH ?? "";
  return [stubbed, hide.length > 0 ? linksToAllBut(base, rest, hide) : rest].join(delimiter);
}

/** A folder of links to every program of a PATH but some. */
function linksToAllBut(base: string, path: string, hidden: readonly string[]): string {
  const links = folder(base, "programs");
  for (const from of path.split(delimiter).filter((entry) => existsSync(entry)))
    for (const name of readdirSync(from)) {
      const [source, link] = [join(from, name), join(links, name)];
      if (hidden.includes(name) || existsSync(link) || !isProgram(source)) continue;
      symlinkSync(source, link);
    }
  return links;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // A link that leads nowhere.
  }
}

function makeUser(base: string, kind: NonNullable<Differences["user"]>, undo: (() => void)[]): string {
  const name = `world-${process.pid}`;
  expectCommand("useradd", "--no-create-home", "--home-dir", join(base, "home"), ...GROUP_OF[kind], name);
  undo.push(() => spawnSync("userdel", [name], { stdio: "ignore" }));
  return name;
}

function give(user: string, folders: readonly (string | undefined)[]): void {
  for (const path of folders) if (path) expectCommand("chown", "--recursive", "--no-dereference", user, path);
}

function expectCommand(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0)
    throw new CheckError("MS-CHECK-052", `${program} failed: ${(stderr || error?.message || "").trim()}`);
}

function folder(base: string, name: string): string {
  const path = join(base, name);
  mkdirSync(path, { mode: OPEN });
  return path;
}
