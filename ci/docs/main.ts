/**
 * Writes docs/reference, docs/machines.md and ci/aws from the specs and tables, or checks that they are up to date.
 * Run: tsx ci/docs/main.ts write|check
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  emitCodebuildTrust,
  emitGithubTrust,
  emitGitlabTrust,
  emitPublishPolicy,
} from "../../dagger/src/emit/ci-role.ts";
import { machinesPage } from "../machines/page.ts";
import { readWorlds } from "../machines/world.ts";
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
  return new Map([
    ...services,
    ["docs/reference/errors.md", errorPage(errors)],
    ["docs/machines.md", machinesPage(readWorlds())],
    ...policies(),
  ]);
}

/** IAM documents of CI, with words in capitals where a person puts in their own. */
function policies(): [string, string][] {
  const place = { account: "ACCOUNT_ID", region: "REGION" };
  const documents = {
    "publish-policy": emitPublishPolicy(readSystem(root), place),
    "trust-github": emitGithubTrust("OWNER/REPOSITORY", place.account),
    "trust-gitlab": emitGitlabTrust("GROUP/PROJECT", place.account),
    "trust-codebuild": emitCodebuildTrust("PROJECT", place),
  };
  return Object.entries(documents).map(([name, document]) => [
    `ci/aws/${name}.json`,
    `${JSON.stringify(document, null, 2)}\n`,
  ]);
}

function write(): void {
  for (const folder of ["docs/reference", "ci/aws"]) mkdirSync(`${root}/${folder}`, { recursive: true });
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
