/**
 * What this machine has, what follows from it, and the one next step. Exit code 1 when something blocks.
 * Run: tsx ci/doctor/main.ts [--json]
 */
import { CheckError } from "../shared/check-error.ts";
import { diagnose } from "./diagnose.ts";
import { linesOf } from "./finding.ts";

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--json")) {
  console.error(
    new CheckError("MS-CHECK-022", `unknown argument in "${args.join(" ")}"; usage: main.ts [--json]`)
      .message,
  );
  process.exit(64);
}
const diagnosis = await diagnose();
console.log(args.includes("--json") ? JSON.stringify(diagnosis, null, 2) : linesOf(diagnosis).join("\n"));
// A program that kept silent may still hold us.
process.exit(diagnosis.next === undefined ? 0 : 1);
