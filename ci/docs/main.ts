/**
 * Writes docs/reference from the specs and the error table, or checks that it is up to date.
 * Run: tsx ci/docs/main.ts write|check
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CheckError } from "../shared/check-error.ts";
import { readSystem } from "../shared/read-system.ts";
import { errorPage } from "./error-page.ts";
import { servicePage } from "./service-page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function pages(): Map<string, string> {
  const system = readSystem(root);
  const services = [...system.values()].map((spec): [string, string] => [
    `docs/reference/${spec.name}.md`,
    servicePage(spec, system),
  ]);
  const errors = readFileSync(`${root}/services/contracts/errors.yaml`, "utf8");
  return new Map([...services, ["docs/reference/errors.md", errorPage(errors)]]);
}

function write(): void {
  mkdirSync(`${root}/docs/reference`, { recursive: true });
  for (const [file, text] of pages()) writeFileSync(`${root}/${file}`, text);
}

function check(): void {
  const stale = [...pages()].filter(
    ([file, text]) => !existsSync(`${root}/${file}`) || readFileSync(`${root}/${file}`, "utf8") !== text,
  );
  for (const [file] of stale)
    console.error(new CheckError("MS-CHECK-002", `${file} is not what the specs say`).message);
  process.exitCode = stale.length === 0 ? 0 : 1;
}

const mode = process.argv[2];
if (mode === "write") write();
else if (mode === "check") check();
else {
  console.error(new CheckError("MS-CHECK-001", "the mode is neither write nor check").message);
  process.exitCode = 64;
}
