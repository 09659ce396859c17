/**
 * Plants each fault alone and looks which rows of the checklist turn red: exactly its own must.
 * Run: npx tsx ci/faults/main.ts [--faults 1,4]      same environment as ci/checklist/main.ts
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parseRows, ROWS, type RowId } from "../checklist/rows.ts";
import { CheckError } from "../shared/check-error.ts";
import { faultOf } from "./faults.ts";
import { judge } from "./judge.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const EXIT_USAGE = 64;

function redRows(fault: RowId, outDir: string): RowId[] {
  const env = { ...process.env, FAULT: String(fault), OUT_DIR: `${outDir}/fault-${fault}` };
  const tsx = `${root}/node_modules/tsx/dist/cli.mjs`;
  spawnSync(process.execPath, [tsx, `${root}/ci/checklist/main.ts`], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const { checks } = JSON.parse(readFileSync(`${outDir}/fault-${fault}/checks.json`, "utf8")) as {
    checks: { id: RowId; status: string }[];
  };
  return checks.filter((check) => check.status === "fail").map((check) => check.id);
}

function main(): number {
  const { values } = parseArgs({
    options: { faults: { type: "string", default: ROWS.map((row) => row.id).join(",") } },
  });
  const wanted = parseRows(values.faults);
  if (!wanted) {
    console.error(new CheckError("MS-CHECK-014", "--faults is no list of rows").message);
    return EXIT_USAGE;
  }
  const outDir = resolve(process.env.OUT_DIR ?? "out/faults");
  let failed = 0;
  for (const fault of wanted) {
    const verdict = judge(fault, redRows(fault, outDir));
    if (!verdict.good) failed += 1;
    console.log(
      `${verdict.good ? "ok  " : "FAIL"} fault ${fault}, ${faultOf(fault, "").what}: ${verdict.text}`,
    );
  }
  console.log(`${wanted.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
