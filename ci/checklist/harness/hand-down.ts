/** Control groups of version 2: makes a group hand its controllers down to the groups below it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { CheckError } from "../../shared/check-error.ts";

/** Group below it that takes the processes which were in it. */
const LEAF = "checklist-runner";
/** How the kernel writes a process of a PID namespace that the reader is not in. */
const FOREIGN = "0";
/** Processes that start while the group is being emptied are moved in the next round. */
const ROUNDS = 50;

/**
 * Lets the groups below `group` have limits. The kernel refuses that (EBUSY) while there is a process in the group
 * itself, so all of them move to a leaf; of the hierarchy's root it asks no such thing. May be called again, and by
 * several processes at once.
 *
 * It must run in the PID namespace of the processes that are in the group: those of any other read as 0, nobody can
 * move them by that, and a written 0 moves the writer.
 *
 * @param group directory of the group
 * @param controllers names as in cgroup.controllers, for example memory
 * @throws MS-CHECK-040 naming the processes that cannot be moved, MS-CHECK-041 naming the controllers that the group
 *   has not, MS-CHECK-042 when it is a group of threads, MS-CHECK-043 when it cannot be written
 */
export function handDown(group: string, controllers: readonly string[]): void {
  expectDomain(group);
  expectControllers(group, controllers);
  for (let round = 1; ; round++) {
    if (!isRoot(group)) emptyInto(group, `${group}/${LEAF}`);
    if (tryWrite(`${group}/cgroup.subtree_control`, controllers.map((name) => `+${name}`).join(" "))) return;
    const left = processesOf(group);
    const isStuck = left.length > 0 && left.every((pid) => pid === FOREIGN);
    if (isStuck || round === ROUNDS)
      throw new CheckError("MS-CHECK-040", `${group} does not become empty, in it stay ${inWords(left)}`);
  }
}

/** Only the root of the hierarchy has no type. */
function isRoot(group: string): boolean {
  return !existsSync(`${group}/cgroup.type`);
}

function expectDomain(group: string): void {
  const type = isRoot(group) ? "domain" : readFileSync(`${group}/cgroup.type`, "utf8").trim();
  if (type !== "domain") throw new CheckError("MS-CHECK-042", `${group} is of the type "${type}"`);
}

function expectControllers(group: string, controllers: readonly string[]): void {
  const there = readFileSync(`${group}/cgroup.controllers`, "utf8").trim().split(" ");
  const missing = controllers.filter((name) => !there.includes(name));
  if (missing.length === 0) return;
  const has = `it has ${there.join(", ") || "none"}`;
  throw new CheckError("MS-CHECK-041", `${group} cannot limit ${missing.join(", ")}: ${has}`);
}

function emptyInto(group: string, leaf: string): void {
  const pids = processesOf(group).filter((pid) => pid !== FOREIGN);
  if (pids.length === 0) return;
  try {
    mkdirSync(leaf);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritable(leaf, error);
  }
  for (const pid of pids) tryWrite(`${leaf}/cgroup.procs`, pid);
}

/** False when the kernel says that it does not go now: a process is there (EBUSY), or has ended (ESRCH). */
function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EBUSY" || code === "ESRCH") return false;
    throw notWritable(file, error);
  }
}

function notWritable(file: string, error: unknown): CheckError {
  return new CheckError("MS-CHECK-043", `${file}: ${(error as Error).message}`);
}

function processesOf(group: string): string[] {
  return readFileSync(`${group}/cgroup.procs`, "utf8").split("\n").filter(Boolean);
}

function inWords(pids: readonly string[]): string {
  const own = pids.filter((pid) => pid !== FOREIGN);
  const foreign = pids.length - own.length;
  const named = own.map((pid) => `${pid} (${nameOf(pid)})`);
  return [...named, ...(foreign > 0 ? [`${foreign} of another PID namespace`] : [])].join(", ") || "none";
}

function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "ended";
  }
}
