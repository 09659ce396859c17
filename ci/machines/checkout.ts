/** A checkout for one world: the same sources, come by in another way. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CheckError } from "../shared/check-error.ts";
import type { CheckoutPlan } from "./world.ts";

/** Before any file that was installed: make must not think that packages are out of date. */
const LONG_AGO = new Date(0);

/**
 * Makes the checkout below a folder.
 *
 * @param undo gets what must be done afterwards beside removing the folder
 * @returns where it lies
 * @throws CheckError MS-CHECK-052 when git cannot make it
 */
export function makeCheckout(root: string, base: string, plan: CheckoutPlan, undo: (() => void)[]): string {
  const place = join(base, plan.folder);
  mkdirSync(dirname(place), { recursive: true });
  make(root, place, plan, undo);
  for (const [path, text] of Object.entries(plan.files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  if (plan.modules && plan.of === undefined) linkModules(root, place);
  if (plan.owner !== undefined)
    execFileSync("chown", ["--recursive", "--no-dereference", `${plan.owner}`, place]);
  return place;
}

function make(root: string, place: string, plan: CheckoutPlan, undo: (() => void)[]): void {
  const clone = ["clone", "--quiet", ...(plan.autocrlf ? ["--config", "core.autocrlf=true"] : [])];
  if (plan.kind === "copy") copyTracked(root, place, plan.of);
  else if (plan.kind === "clone") git(root, ...clone, root, place);
  else if (plan.kind === "shallow") git(root, ...clone, "--depth", "1", `file://${root}`, place);
  else if (plan.kind === "worktree") {
    git(root, "worktree", "add", "--quiet", "--detach", place);
    undo.push(() => git(root, "worktree", "remove", "--force", place));
  } else {
    const tar = git(root, "archive", "HEAD");
    mkdirSync(place);
    execFileSync("tar", ["--extract", "--directory", place], { input: tar });
  }
}

function copyTracked(root: string, place: string, of = ""): void {
  const names = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", of || ".");
  for (const name of names.toString().split("\0")) {
    if (name === "" || !existsSync(join(root, name))) continue;
    const to = join(place, of === "" ? name : name.slice(of.length + 1));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(root, name), to, { preserveTimestamps: true, verbatimSymlinks: true });
  }
}

/** The packages that are installed here; programs of the checkout itself come from its own files all the same. */
function linkModules(root: string, place: string): void {
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  utimesSync(join(place, "package-lock.json"), LONG_AGO, LONG_AGO);
}

function git(root: string, ...args: string[]): Buffer {
  try {
    const safe = ["-c", `safe.directory=${root}`];
    return execFileSync("git", [...safe, ...args], {
      cwd: root,
      maxBuffer: 2 ** 30,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new CheckError("MS-CHECK-052", `git ${args[0]} failed: ${String(stderr ?? error).trim()}`);
  }
}
