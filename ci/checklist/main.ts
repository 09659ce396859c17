/**
 * Runs the checklist and writes checks.json, whatever happens. See README.md.
 * Run: npx tsx ci/checklist/main.ts [--rows 1,4]
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { CheckError, type CheckErrorCode } from "../shared/check-error.ts";
import { assembleChecks } from "./assemble-checks.ts";
import { tryRun } from "./harness/command.ts";
import { readEvidence, readStartFailure } from "./harness/evidence.ts";
import { makeRunGroup, removeRunGroup } from "./harness/run-group.ts";
import { MOST_SLOWNESS, readSlowness, SLOWNESS_VARIABLE } from "./harness/slowness.ts";
import { fileOf, parseRows, ROWS, type RowId } from "./rows.ts";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const IMAGES = ["supervisor", "claude-worker", "mcp-gateway", "tools", "nats", "postgres"];
const EXIT_NOT_RUN = 2;
const MOST_PATIENCE = 4;

function problems(imagesDir: string, rows: unknown, faults: unknown): string[] {
  const found: string[] = [];
  const add = (code: CheckErrorCode, cause: string) => found.push(new CheckError(code, cause).message);
  if (!rows) add("MS-CHECK-014", "--rows is no list of rows");
  if (!faults) add("MS-CHECK-014", "FAULT is no list of rows");
  for (const name of IMAGES)
    if (!existsSync(`${imagesDir}/${name}/rootfs`))
      add("MS-CHECK-010", `there is no ${imagesDir}/${name}/rootfs`);
  for (const program of ["runc", "ip", "unshare"])
    if (tryRun("sh", ["-c", `command -v ${program}`]).code !== 0)
      add("MS-CHECK-016", `there is no ${program}`);
  if (process.getuid?.() !== 0) add("MS-CHECK-017", "the checklist is not run by root");
  if (readSlowness() === undefined)
    add("MS-CHECK-048", `${SLOWNESS_VARIABLE} is no number from 1 to ${MOST_SLOWNESS}`);
  return found;
}

/** The rows run in namespaces of their own, so the kernel removes all of it when they end. */
function runRows(rows: readonly RowId[], env: NodeJS.ProcessEnv): Promise<number> {
  const files = ROWS.filter((row) => rows.includes(row.id)).map(fileOf);
  const vitest = `${root}/node_modules/vitest/vitest.mjs`;
  const args = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", process.execPath];
  const child = spawn("unshare", [...args, vitest, "run", "--root", `${root}/ci/checklist`, ...files], {
    stdio: "inherit",
    env,
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => child.kill("SIGKILL"));
  return new Promise((done) => {
    child.once("error", () => done(EXIT_NOT_RUN));
    child.once("exit", (code) => done(code ?? EXIT_NOT_RUN));
  });
}

/** Other work on the machine makes everything slower; only waiting gets longer, what is asserted stays. */
function patience(): number {
  const [load = 0] = loadavg();
  return Math.min(MOST_PATIENCE, Math.max(1, load / availableParallelism()));
}

function readJson(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Runs the rows in a control group and a working directory of their own, and removes both. */
async function runIsolated(rows: readonly RowId[], outDir: string, imagesDir: string): Promise<number> {
  // Before there is a PID namespace: from inside of one, no process outside of it can be moved.
  const group = makeRunGroup();
  const workDir = mkdtempSync(`${tmpdir()}/ms-checklist-`);
  const code = await runRows(rows, {
    ...process.env,
    CHECKLIST_ROOT: root,
    CHECKLIST_WORK_DIR: workDir,
    CHECKLIST_CGROUP: group,
    CHECKLIST_PATIENCE: process.env.CHECKLIST_PATIENCE ?? patience().toFixed(1),
    OUT_DIR: outDir,
    IMAGES_DIR: imagesDir,
  });
  rmSync(workDir, { recursive: true, force: true });
  await removeRunGroup(group).catch((error: Error) => console.error(`note: ${error.message}`));
  return code;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { rows: { type: "string", default: "1,2,3,4,5,6,7" } } });
  const outDir = resolve(process.env.OUT_DIR ?? "out/checklist");
  const imagesDir = resolve(process.env.IMAGES_DIR ?? "/images");
  const rows = parseRows(values.rows);
  const wrong = problems(imagesDir, rows, parseRows(process.env.FAULT ?? ""));
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const wanted = rows ?? [];
  let crash = "";
  if (wrong.length === 0)
    try {
      const code = await runIsolated(wanted, outDir, imagesDir);
      crash = `the run ended with ${code} before the row had a result`;
    } catch (error) {
      if (!(error instanceof CheckError)) throw error;
      wrong.push(error.message);
    }
  if (wrong.length > 0) crash = wrong.join("; ");
  for (const line of wrong) console.error(line);
  const result = assembleChecks({
    rows: wanted,
    runner: readJson(`${outDir}/vitest.json`),
    readyMs: readJson(`${outDir}/ready.json`),
    evidence: (id) => readEvidence(id, outDir),
    startFailure: (id) => readStartFailure(id, outDir),
    crash,
  });
  writeFileSync(`${outDir}/checks.json`, `${JSON.stringify(result, null, 2)}\n`);
  for (const check of result.checks)
    console.log(
      `${check.status === "pass" ? "green" : "RED  "} ${check.id} ${check.name} (${check.durationMs} ms)`,
    );
  if (wrong.length > 0) return EXIT_NOT_RUN;
  return result.checks.every((check) => check.status === "pass") ? 0 : 1;
}

process.exitCode = await main();
